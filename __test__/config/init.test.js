'use strict';

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { untrusted, APPROVAL } = require('../../testkit/notice');
const { circular } = require('../../testkit/odd-objects');
const { projects, PERSONAL_FILE, PROJECT_FILE } = require('../../testkit/scratch/projects');
const { turn } = require('../../testkit/entries/turn');

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
    ['itself within itself', circular('env')],
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

  test.each([
    ['5', '1:1: expected an object; write { "otel": { … } }'],
    ['[]', '1:1: expected an object; write { "otel": { … } }'],
    ['null', '1:1: expected an object; write { "otel": { … } }'],
    ['{"otel":5}', '1:9: otel: expected an object; write "otel": { … }'],
    ['{"otel":{"tier":"1"}}', '1:17: otel.tier: expected a whole number, not a string; correct this field'],
    ['{"otel":{"tier":1.5}}', '1:17: otel.tier: expected a whole number, not this one; correct this field'],
    ['{"otel":{"tier":1e30}}', '1:17: otel.tier: expected a whole number, not this one; correct this field'],
    ['{"otel":{"tier":-1}}', '1:17: otel.tier: expected a whole number, not a number below zero; correct this field'],
    ['{"otel":{"tier":[1]}}', '1:17: otel.tier: expected a whole number, not a list; correct this field'],
    ['{"otel":{"tier":5}}', '1:17: otel.tier: 5 is no tier (expected 0, 1 or 2); correct this field'],
    ['{"otel":{"enabled":"yes"}}', '1:20: otel.enabled: expected true or false, not a string; correct this field'],
    ['{"otel":{"endpoint":{}}}', '1:21: otel.endpoint: expected a string, not an object; correct this field'],
    ['{"otel":{"endpoint":"${A"}}', '1:21: otel.endpoint: `${` without `}`; correct this field'],
    ['{"otel":{"interval_seconds":"x"}}', '1:29: otel.interval_seconds: expected a number, not a string; correct this field'],
    ['{"otel":{"interval_seconds":0}}', '1:29: otel.interval_seconds: 0 is out of range (expected 1 to 3600); correct this field'],
    ['{"otel":{"headers":[]}}', '1:20: otel.headers: expected an object, not a list; correct this field'],
    ['{"otel":{"headers":{"a":5}}}', '1:25: otel.headers.a: expected a string, not a number; correct this field'],
    ['{"otel":{"known_names":"x"}}', '1:24: otel.known_names: expected a list, not a string; correct this field'],
    ['{"otel":{"known_names":["x",1]}}', '1:29: otel.known_names.1: expected a string, not a number; correct this field'],
    ['{"otel":{"tls":"x"}}', '1:16: otel.tls: expected an object, not a string; correct this field'],
    ['{"otel":{"queue":{"max_entries":"5"}}}', '1:33: otel.queue.max_entries: expected a whole number, not a string; correct this field'],
    ['{"otel":{"protocol":5}}', '1:21: otel.protocol: expected a string; correct this field'],
    ['{"otel":{"names":5}}', '1:18: otel.names: expected a string; correct this field'],
    ['{"otel":{"protocol":"grpc"}}', '1:21: otel.protocol: it has no such value; write "http/protobuf" or "http/json"'],
    ['{"otel":{"names":"some"}}', '1:18: otel.names: it has no such value; write "known" or "all"'],
    ['{"otel":{"tier":1,"tier":2}}', '1:26: otel.tier: this field stands here twice; remove one'],
    ['{"otel":{"endpiont":"http://127.0.0.1:9"}}', '1:21: otel.endpiont: there is no such setting; did you mean "endpoint"?'],
    ['{"otel":{"tls":{"ca":"x"}}}', '1:22: otel.tls.ca: there is no such setting; did you mean "ca_file"?'],
    ['{"otel":{"queue":{"zzz":1}}}', '1:25: otel.queue.zzz: there is no such setting; there are max_entries, max_mebibytes'],
    ['{"otel":{"cardinality_overrides":{"modle":5}}}', '1:43: otel.cardinality_overrides.modle: no attribute of this name has a budget; did you mean "model"?'],
  ])('in words for somebody who writes JSON and no Rust: %s', (text, words) => {
    const given = options(text);
    expect(configError(() => addon.init(given))).toBe(`${path.join(given.cwd, PROJECT_FILE)}:${words}`);
  });

  test.each([
    ['at tier 0', { tier: 0 }],
    ['at tier 1, before anybody has agreed to it', { tier: 1 }],
  ])('and where a header is none though its value is a variable, %s', (_, tier) => {
    const given = options({ ...tier, endpoint: 'http://192.0.2.1', headers: { 'x y': '${NOT_SET}' } });
    const problem = 'it is not an HTTP header; use letters, digits and hyphens in its name, and visible ASCII in its value';
    expect(configError(() => addon.init(given))).toMatch(new RegExp(`:1:\\d+: otel\\.headers\\.x y: ${problem}$`));
  });

  test('and a config that was corrected works', () => {
    const given = options({ tier: 5 });
    configError(() => addon.init(given));
    fs.writeFileSync(path.join(given.cwd, PROJECT_FILE), '{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9"}}');
    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 1 });
  });
});

describe('an endpoint that is no URL is no exception', () => {
  const PROBLEM = 'the endpoint is not an http:// or https:// URL without user and password';

  /** It is degraded, by what stands in `source`. */
  function expectDegraded(given, source) {
    const status = addon.init(given);
    expect(status).toMatchObject({ state: 'degraded', tier: 1, reason: `${PROBLEM} (${source})` });
    expect(JSON.stringify(status)).not.toContain('s3cret');
    expect(addon.record(turn())).toBe(false);
    expect(addon.status().entries).toMatchObject({ accepted: 0, rejected: 1 });
    addon.shutdownSync(0);
  }

  test.each(['nonsense', '127.0.0.1:4318', 'localhost:4318', 'ftp://127.0.0.1', 'http://', 'unix:/tmp/s', 'https//me:s3cret@example', 'http://me@127.0.0.1:9',
    'http://${A}@127.0.0.1:9', 'http://me:${A}@127.0.0.1:9'])('%s', (endpoint) => {
    const ofProject = options({ tier: 1, endpoint });
    const atHome = { ...options(), home: homeWith({ tier: 1, endpoint }) };
    expectDegraded(ofProject, path.join(ofProject.cwd, PROJECT_FILE));
    expectDegraded(atHome, path.join(atHome.home, PERSONAL_FILE));
    expectDegraded(switchedOn(endpoint), 'OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  test('nor is one with a password that is nowhere but in the environment', () => {
    expectDegraded(switchedOn('http://me:s3cret@127.0.0.1:9'), 'OTEL_EXPORTER_OTLP_ENDPOINT');
  });
});

describe('a password in the endpoint of a file is refused as a secret that everyone can read', () => {
  const endpoint = 'http://me:s3cret@127.0.0.1:9';
  const PROBLEM = 'otel.endpoint: here stands a literal secret (user and password of a URL); put it into an environment variable, ' +
    'write "${NAME_OF_IT}" here, and replace the secret: whoever has read this file has it';

  test.each([0, 1])('of the project, at tier %d', (tier) => {
    const given = options({ tier, endpoint });
    expect(configError(() => addon.init(given))).toBe(`${path.join(given.cwd, PROJECT_FILE)}:1:30: ${PROBLEM}`);
    expect(addon.status().state).toBe('disabled');
  });

  test('and of the engineer', () => {
    const given = { ...options(), home: homeWith({ tier: 1, endpoint }) };
    expect(configError(() => addon.init(given))).toBe(`${path.join(given.home, PERSONAL_FILE)}:1:30: ${PROBLEM}`);
  });
});

describe('a project does not switch itself on to send elsewhere', () => {
  const elsewhere = { tier: 1, endpoint: 'http://192.0.2.1:4318' };
  const ASKED = 'tier 1 to http://192.0.2.1:4318';

  test.each(['http://192.0.2.1:4318', 'https://otlp.example', 'http://127.0.0.1.example', 'http://localhost.example', 'http://0.0.0.0:4318', 'http://[2001:db8::1]',
    'https://otlp.example/v1/metrics', 'https://otlp.example/?tenant=a'])('%s', (endpoint) => {
    expectUntrusted(options({ enabled: true, tier: 1, endpoint }), endpoint.includes('?') ? `tier 1 to "${endpoint}"` : `tier 1 to ${endpoint}`);
  });

  test.each(['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9'])('but may send to this machine: %s', (endpoint) => {
    expect(addon.init(options({ tier: 1, endpoint }))).toMatchObject({ state: 'active', tier: 1, decidedBy: 'project file', trust: APPROVAL.loopback });
  });

  test.each([
    ['with a variable', { project: '${A}' }, ', with your variables: A@project'],
    ['with a variable that is not set', { headers: { 'x-tenant': '${B}' } }, ', with headers: x-tenant=${B}, with your variables: B@headers.x-tenant'],
    ['with a certificate', { tls: { certificate_file: 'c.pem', key_file: 'k.pem' } }, ', with certificates: certificate_file=c.pem, key_file=k.pem'],
  ])('unless it does so %s', (_, more, asked) => {
    expectUntrusted(options({ tier: 1, endpoint: NOBODY, ...more }, { A: 'a' }), `tier 1 to ${NOBODY}${asked}`);
  });

  test.each([
    ['names no endpoint', { CCXRAY_OTEL_TIER: '1' }, undefined],
    ['names another one at home', {}, { tier: 1, endpoint: 'http://192.0.2.2:4318' }],
    ['names the same one at home', {}, elsewhere],
    ['names the same one for this launch', { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: elsewhere.endpoint }, undefined],
    ['says that the machine is not a team\'s', { CCXRAY_OTEL_TRUST: '0' }, undefined],
  ])('nor is it the engineer\'s yes to it who %s', (_, env, atHome) => {
    const given = options(elsewhere, env);
    expectUntrusted(atHome ? { ...given, home: homeWith(atHome) } : given, ASKED);
  });

  test('but where a team manages the machine it is allowed', () => {
    expect(addon.init(options(elsewhere, { CCXRAY_OTEL_TRUST: '1' }))).toMatchObject({ state: 'active', tier: 1, trust: APPROVAL.managed });
  });

  test('and where the engineer has allowed it, until they take it back', () => {
    const given = options(elsewhere);
    addon.trust(given.cwd, { home, env: {} });
    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 1, decidedBy: 'project file', trust: APPROVAL.allowed });
    addon.shutdownSync(0);
    addon.untrust(given.cwd, { home, env: {} });
    expectUntrusted(given, ASKED);
  });
});

/** It is off, and says what is asked for. */
function expectUntrusted(given, asked) {
  expect(addon.init(given)).toMatchObject({ state: 'disabled', tier: 0, reason: untrusted(given.cwd, asked) });
  expect(addon.record(turn())).toBe(false);
  addon.shutdownSync(0);
}
