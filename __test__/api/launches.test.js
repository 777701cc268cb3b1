'use strict';

const addon = require('../..');
const { throwing } = require('../../testkit/odd-objects');
const { collectors } = require('../../testkit/receiver/collectors');
const { projects } = require('../../testkit/scratch/projects');
const { sumOf, turn, TURNS } = require('../../testkit/entries/turn');
const { ASKED, ELSEWHERE } = require('../../testkit/consent');
const { nothing, on, untrusted } = require('../../testkit/notice');

const { home, project, options, switchedOn } = projects();
const collector = collectors();

afterEach(() => addon.shutdown(1000));

const ownSettings = (endpoint) => ({ CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });

test('an entry is counted by the launch that it names', async () => {
  const [own, other] = [await collector(), await collector()];
  addon.init(switchedOn(own.endpoint));
  const launches = [
    undefined,
    addon.launch({ home, env: ownSettings(other.endpoint) }),
    addon.launch({ home, env: { ...ownSettings(other.endpoint), DO_NOT_TRACK: '1' } }),
    addon.launch({ home }),
  ];
  const cwd = project();
  const accepted = launches.map((launch) => addon.record(turn(), { cwd, launch }));
  expect(accepted).toEqual([true, true, false, true]);
  await addon.flush();
  expect(addon.status().entries).toMatchObject({ accepted: 3, rejected: 1, dropped: { project_off: 1 } });
  expect([own, other].map((receiver) => sumOf(receiver.series(), TURNS))).toEqual([1, 1]);
  expect(launches.map((launch) => addon.status(cwd, launch).tier)).toEqual([1, 1, 0, 0]);
});

test('launches with the same environment have one number, which no later launch has', async () => {
  expect(addon.launch({ home })).toBeUndefined();
  addon.init(options({ tier: 0 }));
  const first = addon.launch({ home, env: { A: '1' } });
  expect([addon.launch({ home, env: { A: '1' } }), addon.launch({ home, env: { A: '2' } })]).toEqual([first, first + 1]);
  await addon.shutdown();
  expect(addon.launch({ home })).toBeUndefined();
  addon.init(options({ tier: 0 }));
  expect(addon.launch({ home, env: { A: '1' } })).toBeGreaterThan(first + 1);
  expect(addon.record(turn(), { cwd: project(), launch: first })).toBe(false);
});

test.each([
  ['without a directory', { launch: 1 }],
  ['that is text', { cwd: '/srv', launch: '1' }],
  ['that is no whole number', { cwd: '/srv', launch: 1.5 }],
  ['that is negative', { cwd: '/srv', launch: -1 }],
  ['that cannot be read', Object.defineProperties(throwing('launch'), { cwd: { value: '/srv' } })],
  ['that is unknown', { cwd: '/srv', launch: 4_294_967_295 }],
])('an entry with a launch %s is rejected', (_, parts) => {
  addon.init(switchedOn('http://127.0.0.1:9'));
  expect(addon.record(turn(), parts)).toBe(false);
  expect(addon.status().entries).toMatchObject({ accepted: 0, rejected: 1 });
});

test.each([
  ['another option', { cwd: '/srv' }, /There is no such option/],
  ['a text for a list', { withheld: 'A' }, /Use a list of strings/],
  ['a number in the list', { withheld: [1] }, /withheld\[0\]: This is a number/],
  ['a number as a variable', { env: { A: 1 } }, /env\.A: This is a number/],
])('launch refuses %s', (_, given, message) => {
  expect(() => addon.launch(given)).toThrow(message);
});

test('notice returns the line of init, and prints nothing', () => {
  const stderr = jest.spyOn(process.stderr, 'write');
  const asking = options(ELSEWHERE);
  expect(addon.notice(switchedOn('http://127.0.0.1:9'))).toBe(on('http://127.0.0.1:9').trim());
  expect(addon.notice(asking)).toBe(nothing(untrusted(asking.cwd, ASKED)).trim());
  expect(addon.notice(options({ tier: 0 }))).toBeUndefined();
  expect(addon.notice(options())).toBeUndefined();
  expect(() => addon.notice(options('{'))).toThrow(/\.ccxray\.json:1:/);
  expect(stderr).not.toHaveBeenCalled();
  stderr.mockRestore();
});
