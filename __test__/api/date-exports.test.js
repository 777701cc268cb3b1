'use strict';

const addon = require('../..');
const { turn } = require('../../testkit/entries/turn');
const { collectors } = require('../../testkit/receiver/collectors');
const { projects } = require('../../testkit/scratch/projects');
const { sleep } = require('../../testkit/waiting');

const START = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;
/** The first export of a process comes after this time. */
const FIRST_EXPORT_MS = 2000;

const { options, switchedOn } = projects();
const collector = collectors();

beforeAll(() => addon.shutdown(1));

test('history is exported by a flush only', async () => {
  const receiver = await collector();
  addon.init(switchedOn(receiver.endpoint));
  expect(addon.dateExports(START, START, START + DAY)).toBe(true);
  addon.record(turn());
  await sleep(FIRST_EXPORT_MS + 500);
  expect(receiver.requests.accepted).toBe(0);
  expect(await addon.flush()).toBe(true);
  const { accepted } = receiver.requests;
  expect(accepted).toBeGreaterThan(0);
  const series = receiver.series();
  expect(new Set(series.map(({ timeUnixNano }) => timeUnixNano))).toEqual(new Set([`${BigInt(START + DAY) * 1_000_000n}`]));
  expect(series.filter(({ metric }) => metric.startsWith('ccxray.otel.'))).toEqual([]);
  addon.record(turn());
  await addon.shutdown();
  expect(receiver.requests.accepted).toBe(accepted);
});

test('the times of a project that does not export are not set', () => {
  expect(addon.dateExports(START, START, START + DAY)).toBe(false);
  addon.init(options({ tier: 0 }));
  expect(addon.dateExports(START, START, START + DAY)).toBe(false);
});

test.each([
  [START, START, START + 1], [START + 1, START, START + DAY], [-1, START, START + DAY], [START, START, 9e12], [START, START, Infinity], [START, NaN, START + DAY],
  [START, START], ['0', START, START + DAY], [],
])('times that are not in order are refused: %j', async (...times) => {
  const receiver = await collector();
  addon.init(switchedOn(receiver.endpoint));
  expect(addon.dateExports(...times)).toBe(false);
});
