'use strict';

const fs = require('node:fs');
const path = require('node:path');

const addon = require('..');
const { projects, PROJECT_FILE } = require('./support/surface-project');
const { turn } = require('./support/surface-turn');

/** Loopback, and nobody there; no export is due while a test lasts. */
const NOBODY = 'http://127.0.0.1:9';

const { home, project, homeWith, options, switchedOn } = projects();

beforeAll(() => addon.shutdown(1));
afterEach(() => addon.shutdown(1));

/** What `action` throws. */
function thrown(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function configError(action) {
  const error = thrown(action);
  expect({ code: error.code, message: error.message }).toEqual({ code: 'CCXRAY_OTEL_CONFIG', message: expect.any(String) });
  return error.message;
}

describe('init refuses options that it does not understand, and names them', () => {
  test.each([
    ['an unknown one', { endpoint: NOBODY }, /\bendpoint\b.*\bcwd\b.*\bhome\b.*\benv\b.*\bhostVersion\b/],
    ['a misspelled one', { hostversion: '1' }, /\bhostversion\b/],
    ['a number for a directory', { cwd: 5 }, /\bcwd\b.*\bstring\b/],
    ['a list for a directory', { cwd: ['/tmp'] }, /\bcwd\b.*\bstring\b/],
    ['an object for a directory', { home: {} }, /\bhome\b.*\bstring\b/],
    ['a number for a version', { hostVersion: 2.3 }, /\bhostVersion\b.*\bstring\b/],
    ['a string for the environment', { env: 'A=1' }, /\benv\b/],
    ['a number in the environment', { env: { CCXRAY_OTEL_TIER: 1 } }, /\benv\.CCXRAY_OTEL_TIER\b.*\bstring\b/],
    ['a function in the environment', { env: { A() {} } }, /\benv\b/],
    ['a symbol for a directory', { cwd: Symbol('x') }, /\bcwd\b/],
    ['no number for a directory', { cwd: Number.NaN }, /\bcwd\b/],
  ])('%s', (_, given, names) => {
    expect(configError(() => addon.init(given))).toMatch(names);
    expect(addon.status().state).toBe('disabled');
    expect(addon.record(turn())).toBe(false);
  });

  test.each([
    ['a number', 5],
    ['a string', '/tmp'],
    ['a boolean', true],
    ['a list', ['/tmp']],
    ['an empty list', []],
    ['a function', () => ({})],
    ['itself within itself', circular()],
  ])('%s in their place', (_, given) => {
    configError(() => addon.init(given));
    expect(addon.record(turn())).toBe(false);
  });
});

test('init takes options that are left open', () => {
  const nothing = { cwd: project(), home, env: { A: undefined }, hostVersion: undefined };
  expect(addon.init(nothing)).toMatchObject({ state: 'disabled', tier: 0, decidedBy: 'default' });
});

describe('init says where a .ccxray.json is wrong, and what to do', () => {
  test.each([
    ['malformed JSON', '{\n  "otel": {\n    "tier": 1,,\n  }\n}', 3, ''],
    ['JSON that ends too early', '{\n  "otel": {', 2, ''],
    ['an empty file', '', 1, ''],
    ['a list', '[]', 1, ''],
    ['an unknown field', '{\n  "otel": {\n    "tier": 1,\n    "endpiont": "http://127.0.0.1:9"\n  }\n}', 4, 'otel.endpiont'],
    ['a wrong type', '{\n  "otel": {\n    "tier": "1"\n  }\n}', 3, 'otel.tier'],
    ['a list for the settings', '{\n  "otel": [true, 1, "http://127.0.0.1:9"]\n}', 2, 'otel'],
    ['tier 5', '{\n  "otel": {\n    "tier": 5\n  }\n}', 3, 'otel.tier'],
    ['an interval of zero', '{\n  "otel": {\n    "tier": 1,\n    "endpoint": "http://127.0.0.1:9",\n    "interval_seconds": 0\n  }\n}', 5, 'otel.interval_seconds'],
    ['no endpoint', '{\n  "otel": {\n    "tier": 1\n  }\n}', null, 'otel.endpoint'],
    ['a header that is none', '{\n  "otel": {\n    "tier": 1,\n    "endpoint": "http://127.0.0.1:9",\n    "headers": { "x y": "1" }\n  }\n}', null, 'otel.headers.x y'],
  ])('%s', (_, text, line, field) => {
    const given = options(text);
    const message = configError(() => addon.init(given));
    const file = path.join(given.cwd, PROJECT_FILE);
    const found = /^(?<file>.+?):(?<line>\d+):(?<column>\d+): (?<problem>[^;]+); (?<cure>.+)$/.exec(message)?.groups;
    expect(found).toMatchObject({ file, problem: expect.stringContaining(field), cure: expect.stringMatching(/^\w+ /) });
    expect(Number(found.column)).toBeGreaterThan(0);
    expect(found.problem).not.toContain('?');
    // For something that is not there any line will do.
    if (line !== null) expect(Number(found.line)).toBe(line);
    expect(addon.status().state).toBe('disabled');
    expect(addon.record(turn())).toBe(false);
  });

  test.each([
    ['a tier', { CCXRAY_OTEL_TIER: '5' }, 'CCXRAY_OTEL_TIER'],
    ['an interval', { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY, OTEL_METRIC_EXPORT_INTERVAL: '0' }, 'OTEL_METRIC_EXPORT_INTERVAL'],
    ['headers', { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY, OTEL_EXPORTER_OTLP_HEADERS: 's3cret' }, 'OTEL_EXPORTER_OTLP_HEADERS'],
    ['an endpoint', { CCXRAY_OTEL_TIER: '1' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ])('and so it does where the environment lacks or mistakes %s', (_, env, variable) => {
    const message = configError(() => addon.init(options(undefined, env)));
    expect(message).toContain(variable);
    expect(message).not.toContain('s3cret');
  });

  test.each(['5', '[]', 'null', '{"otel":5}', '{"otel":{"tier":"1"}}', '{"otel":{"tier":1.5}}', '{"otel":{"tier":-1}}', '{"otel":{"interval_seconds":"x"}}', '{"otel":{"headers":[]}}'])(
    'in words for somebody who writes JSON and no Rust: %s',
    (text) => {
      expect(configError(() => addon.init(options(text)))).not.toMatch(/\b[iuf]\d\d\b|\bstruct\b|\bmap\b|\bDocument\b/);
    },
  );

  test('and a config that was corrected works', () => {
    const given = options({ tier: 5 });
    configError(() => addon.init(given));
    fs.writeFileSync(path.join(given.cwd, PROJECT_FILE), '{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9"}}');
    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 1 });
  });
});

describe('an endpoint that is no URL is no exception', () => {
  test.each(['nonsense', '127.0.0.1:4318', 'localhost:4318', 'ftp://127.0.0.1', 'http://', 'unix:/tmp/s', 'https//me:s3cret@example', 'http://me:s3cret@127.0.0.1:9'])('%s', (endpoint) => {
    for (const given of [options({ tier: 1, endpoint }), switchedOn(endpoint)]) {
      const status = addon.init(given);
      expect(status).toMatchObject({ state: 'degraded', tier: 1, reason: expect.stringContaining('endpoint') });
      expect(JSON.stringify(status)).not.toContain('s3cret');
      expect(addon.record(turn())).toBe(false);
      expect(addon.status().entries).toMatchObject({ accepted: 0, rejected: 1 });
      addon.shutdownSync(0);
    }
  });
});

describe('a project does not switch itself on to send elsewhere', () => {
  test.each(['http://192.0.2.1:4318', 'https://otlp.example', 'http://127.0.0.1.example', 'http://localhost.example', 'http://0.0.0.0:4318', 'http://[2001:db8::1]'])('%s', (endpoint) => {
    const status = addon.init(options({ enabled: true, tier: 1, endpoint }));
    expect(status).toMatchObject({ state: 'disabled', tier: 0, reason: expect.stringMatching(/^untrusted\b/) });
    expect(addon.record(turn())).toBe(false);
  });

  test.each(['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9'])('but may send to this machine: %s', (endpoint) => {
    expect(addon.init(options({ tier: 1, endpoint }))).toMatchObject({ state: 'active', tier: 1, decidedBy: 'project file' });
  });

  test('nor does a tier of the engineer\'s that names no endpoint, or another one', () => {
    const elsewhere = { tier: 1, endpoint: 'http://192.0.2.1:4318' };
    for (const given of [
      options(elsewhere, { CCXRAY_OTEL_TIER: '1' }),
      { ...options(elsewhere), home: homeWith({ tier: 1, endpoint: 'http://192.0.2.2:4318' }) },
    ]) {
      expect(addon.init(given)).toMatchObject({ state: 'disabled', tier: 0, reason: expect.stringMatching(/^untrusted\b/) });
      addon.shutdownSync(0);
    }
  });

  test('but the engineer can allow it by naming the same endpoint', () => {
    const elsewhere = { tier: 1, endpoint: 'http://192.0.2.1:4318' };
    for (const given of [
      options(elsewhere, { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: elsewhere.endpoint }),
      { ...options(elsewhere), home: homeWith({ tier: 1, endpoint: elsewhere.endpoint }) },
    ]) {
      expect(addon.init(given)).toMatchObject({ state: 'active', tier: 1 });
      addon.shutdownSync(0);
    }
  });
});

function circular() {
  const object = {};
  object.env = object;
  return object;
}
