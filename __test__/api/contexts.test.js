'use strict';

const { projects } = require('../../testkit/scratch/projects');
const { sumOf, turn, TURNS } = require('../../testkit/entries/turn');
const { collectors } = require('../../testkit/receiver/collectors');

const { switchedOn } = projects();
const collector = collectors();

/** Loads the addon and one more module with a new module registry. */
function isolated() {
  let modules;
  jest.isolateModules(() => {
    modules = { addon: require('../..'), witness: require('../../testkit/notice') };
  });
  return modules;
}

test('separately loaded modules share one instance', async () => {
  const [first, second] = [isolated(), isolated()];
  expect(first.witness).not.toBe(second.witness);
  await first.addon.shutdown(1);

  const receiver = await collector();
  expect(first.addon.init(switchedOn(receiver.endpoint)).state).toBe('active');
  expect(second.addon.status()).toMatchObject({ state: 'active', endpoint: `${receiver.endpoint}/v1/metrics` });
  // While one instance runs, `init` of the other only returns its status.
  expect(second.addon.init(switchedOn('http://127.0.0.1:9')).endpoint).toBe(`${receiver.endpoint}/v1/metrics`);
  for (const { addon } of [first, second]) expect(addon.record(turn())).toBe(true);
  expect(await first.addon.flush()).toBe(true);
  expect(sumOf(receiver.series(), TURNS)).toBe(2);
  expect([first, second].map(({ addon }) => addon.status().entries.accepted)).toEqual([2, 2]);

  await second.addon.shutdown();
  expect(first.addon.status().state).toBe('disabled');
  expect(first.addon.record(turn())).toBe(false);
});

test('a module that is loaded later uses the running instance', async () => {
  const receiver = await collector();
  isolated().addon.init(switchedOn(receiver.endpoint));
  jest.resetModules();
  const addon = require('../..');
  expect(addon.status().state).toBe('active');
  expect(addon.record(new Uint8Array(Buffer.from(turn())))).toBe(true);
  expect(await addon.flush()).toBe(true);
  expect(sumOf(receiver.series(), TURNS)).toBe(1);
});
