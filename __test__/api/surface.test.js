'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { SeriesStore } = require('../../demo/otlp/series');
const addon = require('../..');
const { collectors } = require('../../testkit/receiver/collectors');
const { run } = require('../../testkit/process/run');
const { revoked } = require('../../testkit/odd-objects');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { projects } = require('../../testkit/scratch/projects');
const { responseWith, sumOf, turn, TURNS } = require('../../testkit/entries/turn');
const { eventually, sleep } = require('../../testkit/waiting');
const { asks, BASIS } = require('../../testkit/notice');

jest.setTimeout(20_000);

/** An address on which nothing listens. No export is due during a test. */
const NOBODY = 'http://127.0.0.1:9';
const INPUT_TOKENS = 'ccxray.tokens.input_total';
const TOOL_CALLS = 'ccxray.tool.invocations_total';
/** The bytes around a turn, for tests with views into larger memory. */
const [BEFORE, AFTER] = ['{"not":"this"}', '{"nor":"this"}'];

const { home, project, options, switchedOn } = projects();
const { hanging } = badCollectors();
const collector = collectors();

beforeAll(() => addon.shutdown(1));

function previewed(cwd) {
  const store = new SeriesStore();
  store.take(JSON.parse(addon.preview(cwd)));
  return store.all();
}

function settled() {
  return eventually(() => addon.status().entries, ({ queued }) => queued === 0);
}

describe('a process has one instance:', () => {
  test('a second init returns the status of the running one', async () => {
    const receiver = await collector();
    const first = addon.init(switchedOn(receiver.endpoint));
    addon.record(turn());
    await settled();
    const again = addon.init(options({ tier: 1, endpoint: NOBODY }));
    expect(again.endpoint).toBe(first.endpoint);
    expect(again.entries).toMatchObject({ accepted: 1, processed: 1 });
  });

  test('init after a shutdown starts a new one', async () => {
    const [before, after] = [await collector(), await collector()];
    addon.init(switchedOn(before.endpoint));
    addon.record(turn());
    await addon.shutdown();
    expect(addon.status()).toMatchObject({ state: 'disabled', reason: 'shut down' });
    expect(addon.record(turn())).toBe(false);
    const status = addon.init(switchedOn(after.endpoint));
    expect(status).toMatchObject({ state: 'active', endpoint: `${after.endpoint}/v1/metrics`, entries: { accepted: 0, rejected: 0 } });
    addon.record(turn());
    addon.record(turn());
    expect(await addon.flush()).toBe(true);
    expect([before, after].map((receiver) => sumOf(receiver.series(), TURNS))).toEqual([1, 2]);
    const instances = [before, after].map((receiver) => receiver.series()[0].resource['service.instance.id']);
    expect(new Set(instances).size).toBe(2);
  });
});

describe('record accepts', () => {
  beforeEach(() => addon.init(switchedOn(NOBODY)));

  test.each([
    ['a string', (text) => text],
    ['a slice of another string', (text) => around(text).slice(BEFORE.length, -AFTER.length)],
    ['a string of two-byte characters', (text) => text.replace('{', '{"title":"漢字 😀",')],
    ['a Buffer', (text) => Buffer.from(text)],
    ['a Buffer that is a view into another', (text) => within(Buffer.from(around(text)))],
    ['a Uint8Array', (text) => new TextEncoder().encode(text)],
    ['a Uint8Array that is a view into another', (text) => within(new TextEncoder().encode(around(text)))],
    ['shared memory', (text) => shared(text)],
  ])('%s', (_, form) => {
    expect(addon.record(form(turn({ usage: { input_tokens: 12_345, output_tokens: 1 } })))).toBe(true);
    expect(sumOf(previewed(), INPUT_TOKENS)).toBe(12_345);
    expect(addon.status().entries).toMatchObject({ accepted: 1, processed: 1, rejected: 0 });
  });

  test.each([
    ['strings', (text) => text],
    ['bytes', (text) => Buffer.from(text)],
    ['views', (text) => within(Buffer.from(around(text)))],
  ])('parts as %s', (_, form) => {
    const headers = { 'anthropic-ratelimit-unified-5h-utilization': '0.25', authorization: 's3cret' };
    const request = form('{"model":"claude-sonnet-4-6","messages":[]}');
    expect(addon.record(form(turn()), { response: form(responseWith('Bash')), request, headers, cwd: undefined })).toBe(true);
    const series = previewed();
    expect(sumOf(series, TOOL_CALLS, { tool: 'Bash' })).toBe(1);
    expect(sumOf(series, 'ccxray.quota.utilization_ratio', { window: '5h' })).toBe(0.25);
    expect(addon.preview()).not.toContain('s3cret');
  });

  test('absent parts in every form', () => {
    for (const parts of [undefined, null, {}, { request: undefined, response: null, headers: undefined }]) {
      expect(addon.record(turn(), parts)).toBe(true);
    }
    expect(sumOf(previewed(), TURNS)).toBe(4);
  });

  test('a preview without null, which strict receivers of OTLP/JSON refuse', async () => {
    addon.record(turn());
    await settled();
    const text = addon.preview();
    expect(text).toContain('bucketCounts');
    expect(text).not.toContain('null');
  });

  test('bytes by copy: later changes have no effect', () => {
    const bytes = Buffer.from(turn({ usage: { input_tokens: 777, output_tokens: 1 } }));
    addon.record(bytes);
    bytes.fill(0);
    expect(sumOf(previewed(), INPUT_TOKENS)).toBe(777);
  });
});

describe('record rejects and counts', () => {
  test.each([
    ['nothing'],
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['NaN', Number.NaN],
    ['a boolean', true],
    ['a BigInt', 5n],
    ['a symbol', Symbol('x')],
    ['a function', () => '{}'],
    ['an object', { toString: () => '{}', toJSON: () => ({}) }],
    ['a list', ['{}']],
    ['a String object', Object('{}')],
    ['a date', new Date()],
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['a DataView', new DataView(new ArrayBuffer(8))],
    ['a Float64Array', new Float64Array(2)],
    ['a Uint16Array', new Uint16Array(2)],
    ['a Proxy', new Proxy({}, {})],
    ['a Proxy of bytes', new Proxy(new Uint8Array(2), {})],
    ['a revoked Proxy', revoked()],
    ['a promise', Promise.resolve('{}')],
  ])('%s', (_, ...args) => {
    addon.init(switchedOn(NOBODY));
    expect(addon.record(...args)).toBe(false);
    expect(addon.record(args[0], { response: '{}' })).toBe(false);
    expect(addon.status().entries).toMatchObject({ accepted: 0, queued: 0, rejected: 2 });
    expect(addon.record(turn())).toBe(true);
  });
});

describe('invalid parts do not affect their turn:', () => {
  test.each([
    ['a number', 5],
    ['a string', 'x'],
    ['a boolean', true],
    ['a symbol', Symbol('x')],
    ['a BigInt', 5n],
    ['a function', () => {}],
    ['a list', []],
    ['wrong types', { request: 5, response: Symbol('x'), headers: 'x' }],
    ['other bytes', { request: new Float64Array(2), response: new DataView(new ArrayBuffer(2)) }],
    ['revoked headers', { headers: revoked() }],
    ['headers of wrong types', { headers: { 'anthropic-ratelimit-unified-5h-utilization': {}, 'anthropic-ratelimit-unified-7d-utilization': [5] } }],
    ['a request that throws', { get request() { return explode(); } }],
    ['a response that throws', { get response() { return explode(); } }],
    ['headers that throw', { get headers() { return explode(); } }],
    ['a header that throws', { headers: { get 'anthropic-ratelimit-unified-5h-utilization'() { return explode(); } } }],
  ])('%s', (_, parts) => {
    addon.init(switchedOn(NOBODY));
    expect(addon.record(turn(), parts)).toBe(true);
    expect(sumOf(previewed(), TURNS)).toBe(1);
    expect(addon.status().entries).toMatchObject({ accepted: 1, processed: 1, rejected: 0 });
  });

  test('the other parts are used if one throws', () => {
    addon.init(switchedOn(NOBODY));
    addon.record(turn(), { get request() { return explode(); }, response: responseWith('Bash') });
    expect(sumOf(previewed(), TOOL_CALLS, { tool: 'Bash' })).toBe(1);
  });

  test.each([
    ['throws', { get cwd() { return explode(); } }],
    ['is not a string', { cwd: 5 }],
    ['is in a Proxy that throws', new Proxy({}, { get: explode })],
    ['is in a revoked Proxy', revoked()],
  ])('but a turn is rejected if its project %s', (_, parts) => {
    addon.init(switchedOn(NOBODY));
    expect(addon.record(turn(), parts)).toBe(false);
    expect(sumOf(previewed(), TURNS)).toBe(0);
    expect(addon.status().entries).toMatchObject({ accepted: 0, rejected: 1 });
  });

  test.each(['init', 'record', 'status', 'preview', 'flush', 'shutdownSync'])('a part that calls %s does not hang', async (name) => {
    const { code, stdout, timedOut } = await run('children/reentrant.js', [name], { withinMs: 5000 });
    expect({ code, stdout, timedOut }).toEqual({ code: 0, stdout: 'returned boolean', timedOut: false });
  });
});

describe('while telemetry is off', () => {
  test('record returns false and counts the turn', () => {
    addon.init(options());
    for (const entry of [turn(), Buffer.from(turn()), 5, undefined]) expect(addon.record(entry)).toBe(false);
    expect(addon.status().entries).toMatchObject({ accepted: 0, rejected: 4 });
  });

  test('every function returns', async () => {
    addon.init(options());
    expect(addon.status()).toMatchObject({ state: 'disabled', tier: 0, reason: expect.any(String) });
    expect(JSON.parse(addon.preview())).toEqual({ resourceMetrics: [] });
    expect(await addon.flush()).toBe(true);
    expect(await addon.shutdown()).toBeUndefined();
    expect(addon.shutdownSync()).toBe(true);
  });
});

test.each([
  ['running', () => addon.init(switchedOn(NOBODY))],
  ['off', () => addon.init(options())],
  ['shut down', () => addon.shutdownSync(0)],
])('status and preview accept any argument while %s', (_, begin) => {
  begin();
  const odd = [5, 5n, null, true, Symbol('x'), {}, [], () => {}, revoked(), new Date(), '', '\0', '/does/not/exist', '/dev/zero', '\ud800', 'x'.repeat(1 << 20)];
  for (const cwd of odd) {
    expect(addon.status(cwd)).toMatchObject({ state: expect.any(String), tier: expect.any(Number), entries: expect.any(Object) });
    expect(JSON.parse(addon.preview(cwd))).toEqual({ resourceMetrics: expect.any(Array) });
  }
});

describe('preview', () => {
  test('returns what the next export sends', async () => {
    const receiver = await collector();
    addon.init({ ...switchedOn(receiver.endpoint), hostVersion: '2.3.1' });
    addon.record(turn(), { response: responseWith('Bash') });
    addon.record(turn({ model: 'claude-opus-5', status: 529, stopReason: null, usage: null }));
    addon.record('no JSON');
    const before = previewed();
    expect(receiver.requests.accepted).toBe(0);
    expect(await addon.flush()).toBe(true);
    expect(values(receiver.series())).toEqual(values(before));
  });

  test('can be repeated and changes nothing', async () => {
    const receiver = await collector();
    addon.init(switchedOn(receiver.endpoint));
    addon.record(turn());
    const [first, second] = [previewed(), previewed()];
    expect(values(second)).toEqual(values(first));
    await addon.flush();
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
  });
});

describe('flush', () => {
  test('resolves to true after delivery', async () => {
    const receiver = await collector();
    addon.init(switchedOn(receiver.endpoint));
    for (let i = 0; i < 500; i += 1) addon.record(turn());
    expect(await addon.flush()).toBe(true);
    expect(sumOf(receiver.series(), TURNS)).toBe(500);
    expect(addon.status()).toMatchObject({ state: 'active', exports: { delivered: 1, failed: 0, lastSuccessAtMs: expect.any(Number) } });
  });

  test('includes a project with its first turn', async () => {
    const receiver = await collector();
    addon.init(switchedOn(NOBODY));
    addon.record(turn(), { cwd: project({ tier: 1, endpoint: receiver.endpoint }) });
    await addon.flush(1500);
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
  });

  test('resolves to false in time without a collector', async () => {
    addon.init(switchedOn(await hanging()));
    addon.record(turn());
    const started = performance.now();
    expect(await addon.flush(200)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('and shutdown accept any argument', async () => {
    const receiver = await collector();
    for (const timeout of [undefined, null, '5', {}, [], 5n, Symbol('x'), revoked(), -1, 0, 0.5, Number.NaN, Infinity, 1e300]) {
      addon.init(switchedOn(receiver.endpoint));
      expect(await addon.flush(timeout)).toEqual(expect.any(Boolean));
      expect(await addon.shutdown(timeout)).toBeUndefined();
    }
  });
});

describe('shutdown', () => {
  test('delivers the rest within its limit', async () => {
    const receiver = await collector();
    addon.init(switchedOn(receiver.endpoint));
    for (let i = 0; i < 500; i += 1) addon.record(turn());
    await addon.shutdown();
    expect(sumOf(receiver.series(), TURNS)).toBe(500);
    expect(addon.status().entries).toMatchObject({ accepted: 500, processed: 500, queued: 0, queuedBytes: 0 });
  });

  test('includes a project with its first turn', async () => {
    const receiver = await collector();
    addon.init(switchedOn(NOBODY));
    addon.record(turn(), { cwd: project({ tier: 1, endpoint: receiver.endpoint }) });
    await addon.shutdown();
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
  });

  test('can be called many times', async () => {
    const receiver = await collector();
    addon.init(switchedOn(receiver.endpoint));
    addon.record(turn());
    expect(await Promise.all([addon.shutdown(), addon.shutdown(), addon.flush()])).toEqual([undefined, undefined, expect.any(Boolean)]);
    expect(await addon.shutdown()).toBeUndefined();
    expect(addon.shutdownSync()).toBe(true);
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
  });

  test('rejects later turns and counts them', async () => {
    addon.init(switchedOn(NOBODY));
    const done = addon.shutdown(50);
    expect(addon.record(turn())).toBe(false);
    await done;
    expect(addon.record(turn())).toBe(false);
    expect(addon.status()).toMatchObject({ state: 'disabled', entries: { accepted: 0, rejected: 2 } });
  });

  test('by shutdownSync returns in time', async () => {
    addon.init(switchedOn(await hanging()));
    addon.record(turn());
    const started = performance.now();
    expect(addon.shutdownSync(200)).toBe(false);
    expect(performance.now() - started).toBeLessThan(700);
    await sleep(0);
  });

  test.each([undefined, null, 'x', {}, 5n, Symbol('x'), -1, Number.NaN, Infinity])('by shutdownSync accepts any argument: %p', (timeout) => {
    addon.init(options());
    expect(addon.shutdownSync(timeout)).toBe(true);
  });
});

describe('index.d.ts', () => {
  const types = fs.readFileSync(path.join(__dirname, '..', '..', 'index.d.ts'), 'utf8');

  test('declares exactly the exported functions', () => {
    const declared = [...types.matchAll(/^export declare function (\w+)/gm)].map(([, name]) => name);
    const exported = Object.keys(addon).filter((name) => typeof addon[name] === 'function');
    expect(new Set(exported)).toEqual(new Set(declared));
    expect(new Set(declared)).toEqual(new Set(['clearPending', 'dateExports', 'deliverPending', 'dryRun', 'flush', 'init', 'initConfig', 'inspect', 'launch', 'notice', 'pending', 'preview', 'probe', 'record', 'report', 'shutdown', 'shutdownSync', 'status', 'trust', 'untrust']));
  });

  test('declares every field of a status, with its type', async () => {
    const receiver = await collector();
    const given = options({ tier: 1, endpoint: receiver.endpoint, project: 'shop', team: 'payments', interval_seconds: 3600, headers: { 'x-tenant': 'a' } }, { CCXRAY_OTEL_TRUST: '1' });
    addon.init(given);
    addon.record(turn());
    await addon.flush();
    const status = addon.status();
    for (const [name, value] of [['Status', status], ['Entries', status.entries], ['ExportCounts', status.exports], ['Setting', status.settings[0]]]) {
      expect(new Set(Object.keys(value))).toEqual(new Set(fieldsOf(name, value)));
    }
    expect(status).toMatchObject({ project: 'shop', team: 'payments', intervalSeconds: 3600, trust: BASIS.managed, version: require('../../package.json').version });
    expect(status).not.toHaveProperty('asks');
  });

  test('declares every field of a status before approval', () => {
    const status = addon.init(options({ tier: 1, endpoint: 'https://collector.invalid' }));
    for (const [name, value] of [['Status', status], ['Asks', status.asks]]) {
      expect(new Set(Object.keys(value))).toEqual(new Set(fieldsOf(name, value)));
    }
    expect(status).toMatchObject({ state: 'disabled', asks: { terms: asks('https://collector.invalid').terms, changes: [], hash: expect.stringMatching(/^[\da-f]{64}$/) } });
    expect(status).not.toHaveProperty('trust');
  });

  test('declares every field of approvals and written configs', () => {
    const done = addon.initConfig({ cwd: project(), home, env: {}, project: { tier: 1, endpoint: NOBODY } });
    for (const [name, value] of [['InitConfigResult', done], ['TrustResult', done.trust], ['TrustResult', addon.trust(project(), { home, env: {} })]]) {
      expect(new Set(Object.keys(value))).toEqual(new Set(fieldsOf(name, value)));
    }
  });

  /** The fields of an interface: the required ones, and those of the optional ones that exist. */
  function fieldsOf(name, value) {
    const [, body] = new RegExp(`^export interface ${name} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(types);
    return [...body.matchAll(/^ {2}(\w+)(\?)?:/gm)].filter(([, field, optional]) => !optional || field in value).map(([, field]) => field);
  }
});

function explode() {
  throw new Error('no');
}

function shared(text) {
  const bytes = new Uint8Array(new SharedArrayBuffer(Buffer.byteLength(text)));
  bytes.set(Buffer.from(text));
  return bytes;
}

/** Puts a text between two others. */
function around(text) {
  return BEFORE + text + AFTER;
}

/** The bytes between them, as a view. */
function within(bytes) {
  return bytes.subarray(BEFORE.length, bytes.length - AFTER.length);
}

/** The series without times, in one order. */
function values(series) {
  const plain = series.map(({ resource, metric, unit, kind, attributes, value, count, sum, bucketCounts }) =>
    JSON.stringify({ metric, unit, kind, attributes, value, count, sum, bucketCounts, resource }));
  plain.sort();
  return plain;
}
