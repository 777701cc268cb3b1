'use strict';

const path = require('node:path');
const { run } = require('../../testkit/process/run');
const { circular, revoked, throwing } = require('../../testkit/odd-objects');
const { Host } = require('../../host/host');
const host = require('../../host');

const ODD = [undefined, null, 0, '', 'text', Symbol('odd'), 1n, [], {}, () => {}, Object.freeze({}), circular('self'), revoked(), Object.create(null)];
const LINE = '{"status":200}';

describe('nothing that a host passes makes it throw:', () => {
  let stderr;
  beforeEach(() => {
    stderr = jest.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterEach(() => jest.restoreAllMocks());

  test.each([['hub', true], ['server', false]])('a %s', async (_, hub) => {
    const recorded = [];
    const running = new Host(() => fakeAddon(recorded));
    running.init({ hub, cwd: __dirname, failFast: false });
    for (const odd of ODD) {
      running.arrived(odd, odd);
      running.arrived({ ccxrayClientPid: odd, headers: odd }, {});
      expect(typeof running.turn(odd, odd, odd)).toBe('boolean');
      const context = Object.freeze({});
      running.arrived({ ccxrayClientPid: undefined, headers: odd }, context);
      running.turn(context, LINE, { request: odd, response: odd, headers: odd });
      expect(running.status(odd)).toHaveProperty('host');
      running.client(odd === 'text' ? {} : { cwd: 0 });
    }
    for (const name of ['ccxrayClientPid', 'headers']) running.arrived(throwing(name), {});
    for (const name of ['merged', 'request', 'response', 'headers']) running.turn(Object.freeze({}), LINE, throwing(name));
    for (const name of ['hub', 'cwd', 'hostVersion', 'failFast']) running.init(options(name));
    await running.shutdown();
    expect(running.status().host.errors).toBeGreaterThan(0);
    expect(recorded.length).toBeGreaterThanOrEqual(hub ? 0 : ODD.length);
  });

  test('before init, and without an addon', async () => {
    const running = new Host(() => { throw new Error('no addon'); });
    for (const odd of ODD) {
      running.arrived(odd, odd);
      expect(running.turn(odd, odd, odd)).toBe(false);
      running.init(odd);
    }
    running.client();
    await running.shutdown();
    expect(running.status()).toMatchObject({ state: 'disabled', tier: 0, reason: 'no addon', host: { recorded: 0 } });
  });

  test('not even a console that throws', () => {
    stderr.mockImplementation(() => { throw new Error('closed'); });
    const running = new Host(() => ({ ...fakeAddon([]), init: () => { throw new Error('broken'); } }));
    expect(running.init({ failFast: false }).host.lastError).toBe('broken');
  });
});

describe('a turn without telemetry costs nothing:', () => {
  test('its request and its response are not read', () => {
    const running = new Host(() => ({ ...fakeAddon([]), record: () => false }));
    running.init({ cwd: __dirname });
    const context = {};
    running.arrived({ headers: {} }, context);
    const turn = { merged: false, get request() { throw new Error('read'); }, get response() { throw new Error('read'); } };
    expect(running.turn(context, LINE, turn)).toBe(false);
    expect(running.status().host).toMatchObject({ refused: 1, errors: 0 });
  });
});

describe('the parts of a turn', () => {
  test.each([
    ['a text', '{"a":1}', '{"a":1}'],
    ['bytes', Buffer.from([31, 139]), Buffer.from([31, 139])],
    ['an object', { a: 1 }, '{"a":1}'],
    ['events', [{ type: 'ping' }], '[{"type":"ping"}]'],
    ['an object that cannot be serialised', circular('self'), undefined],
    ['nothing', undefined, undefined],
  ])('a response that is %s', (_, response, expected) => {
    const recorded = [];
    const running = new Host(() => fakeAddon(recorded));
    running.init({ cwd: __dirname });
    const context = {};
    running.arrived({ headers: { 'session-id': 's', authorization: 'secret' } }, context);
    expect(running.turn(context, LINE, { response, headers: { 'request-id': 'r' } })).toBe(true);
    expect(recorded).toEqual([{ line: LINE, request: undefined, response: expected, headers: { 'request-id': 'r' }, requestHeaders: { 'session-id': 's' } }]);
  });
});

test('the package has the documented functions', () => {
  expect(Object.keys(host)).toEqual(['init', 'client', 'arrived', 'turn', 'status', 'shutdown', 'command']);
});

test('a host that is started twice has one exit handler, which keeps the exit code', async () => {
  const { code, stderr } = await run(path.join(__dirname, '../../testkit/children/host-exit.js'));
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
});

/** Options of which one cannot be read. */
function options(name) {
  return Object.defineProperty({ hub: true, cwd: __dirname, failFast: false }, name, { get: () => { throw new Error('no'); } });
}

/** An addon that keeps what it gets. */
function fakeAddon(recorded) {
  return {
    init: () => ({ tier: 1 }),
    record: (line, parts) => {
      const { request, response, headers, requestHeaders } = parts;
      recorded.push({ line, request, response, headers, requestHeaders });
      return true;
    },
    launch: () => 1,
    inspect: () => ({ state: 'disabled', decidedBy: 'default' }),
    notice: () => undefined,
    status: () => ({ state: 'active' }),
    flush: () => Promise.resolve(true),
    shutdownSync: () => true,
  };
}
