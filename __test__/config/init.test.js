'use strict';

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { asks, BASIS, reads, untrusted } = require('../../testkit/notice');
const { circular } = require('../../testkit/odd-objects');
const { projects, PERSONAL_FILE, PROJECT_FILE } = require('../../testkit/scratch/projects');
const { turn } = require('../../testkit/entries/turn');

/** An address on which nothing listens. No export is due during a test. */
const NOBODY = 'http://127.0.0.1:9';

const { home, project, homeWith, options, switchedOn } = projects();

beforeAll(() => addon.shutdown(1));
afterEach(() => addon.shutdown(1));

/** The error that `action` throws. */
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

describe('init refuses unknown options, and names them', () => {
  test.each([
    ['an unknown option', { endpoint: NOBODY }, /\bendpoint\b.*\bcwd\b.*\bhome\b.*\benv\b.*\bhostVersion\b/],
    ['a misspelled option', { hostversion: '1' }, /\bhostversion\b/],
    ['a number for a directory', { cwd: 5 }, /\bcwd\b.*\bstring\b/],
    ['a list for a directory', { cwd: ['/tmp'] }, /\bcwd\b.*\bstring\b/],
    ['an object for a directory', { home: {} }, /\bhome\b.*\bstring\b/],
    ['a number for a version', { hostVersion: 2.3 }, /\bhostVersion\b.*\bstring\b/],
    ['a string for the environment', { env: 'A=1' }, /\benv\b/],
    ['a number in the environment', { env: { CCXRAY_OTEL_TIER: 1 } }, /\benv\.CCXRAY_OTEL_TIER\b.*\bstring\b/],
    ['a function in the environment', { env: { A() {} } }, /\benv\b/],
    ['a symbol for a directory', { cwd: Symbol('x') }, /\bcwd\b/],
    ['NaN for a directory', { cwd: Number.NaN }, /\bcwd\b/],
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
    ['a circular object', circular('env')],
  ])('%s instead of options', (_, given) => {
    configError(() => addon.init(given));
    expect(addon.record(turn())).toBe(false);
  });
});

test('init accepts options that are undefined', () => {
  const nothing = { cwd: project(), home, env: { A: undefined }, hostVersion: undefined };
  expect(addon.init(nothing)).toMatchObject({ state: 'disabled', tier: 0, decidedBy: 'default' });
});

describe('init reports the place and the cure of a config error:', () => {
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
    ['an invalid header', '{\n  "otel": {\n    "tier": 1,\n    "endpoint": "http://127.0.0.1:9",\n    "headers": { "x y": "1" }\n  }\n}', null, 'otel.headers.x y'],
  ])('%s', (_, text, line, field) => {
    const given = options(text);
    const message = configError(() => addon.init(given));
    const file = path.join(given.cwd, PROJECT_FILE);
    const found = /^(?<file>.+?):(?<line>\d+):(?<column>\d+): (?<problem>(?:[\w. ]+: )?[A-Z0-9][^?]*?\.) (?<cure>[A-Z].+[.?])$/.exec(message)?.groups;
    expect(found).toMatchObject({ file, problem: expect.stringContaining(field), cure: expect.stringMatching(/^[A-Z]\w+ /) });
    expect(Number(found.column)).toBeGreaterThan(0);
    expect(found.problem).not.toContain('?');
    // For something that is missing, any line will do.
    if (line !== null) expect(Number(found.line)).toBe(line);
    expect(addon.status().state).toBe('disabled');
    expect(addon.record(turn())).toBe(false);
  });

  test.each([
    ['a tier', { CCXRAY_OTEL_TIER: '5' }, 'CCXRAY_OTEL_TIER'],
    ['an interval', { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY, OTEL_METRIC_EXPORT_INTERVAL: '0' }, 'OTEL_METRIC_EXPORT_INTERVAL'],
    ['headers', { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY, OTEL_EXPORTER_OTLP_HEADERS: 's3cret' }, 'OTEL_EXPORTER_OTLP_HEADERS'],
    ['an endpoint', { CCXRAY_OTEL_TIER: '1' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ])('and where the environment has a wrong or no %s', (_, env, variable) => {
    const message = configError(() => addon.init(options(undefined, env)));
    expect(message).toContain(variable);
    expect(message).not.toContain('s3cret');
  });

  test.each([
    ['5', '1:1: This is not an object. Write { "otel": { … } }.'],
    ['[]', '1:1: This is not an object. Write { "otel": { … } }.'],
    ['null', '1:1: This is not an object. Write { "otel": { … } }.'],
    ['{"otel":5}', '1:9: otel: This is not an object. Write "otel": { … }.'],
    ['{"otel":{"tier":"1"}}', '1:17: otel.tier: This is a string. Write a whole number, without quotes.'],
    ['{"otel":{"tier":1.5}}', '1:17: otel.tier: This is not a whole number. Write a whole number, without quotes.'],
    ['{"otel":{"tier":1e30}}', '1:17: otel.tier: This is not a whole number. Write a whole number, without quotes.'],
    ['{"otel":{"tier":-1}}', '1:17: otel.tier: This is a negative number. Write a whole number, without quotes.'],
    ['{"otel":{"tier":[1]}}', '1:17: otel.tier: This is a list. Write a whole number, without quotes.'],
    ['{"otel":{"tier":5}}', '1:17: otel.tier: 5 is not a tier. Use 0, 1 or 2.'],
    ['{"otel":{"enabled":"yes"}}', '1:20: otel.enabled: This is a string. Write true or false, without quotes.'],
    ['{"otel":{"endpoint":{}}}', '1:21: otel.endpoint: This is an object. Write a string in double quotes.'],
    ['{"otel":{"endpoint":"${A"}}', '1:21: otel.endpoint: A "${" has no "}". Write "${NAME}", or "$${" for a literal "${".'],
    ['{"otel":{"interval_seconds":"x"}}', '1:29: otel.interval_seconds: This is a string. Write a number, without quotes.'],
    ['{"otel":{"interval_seconds":0}}', '1:29: otel.interval_seconds: 0 is out of range. Use 1 to 3600.'],
    ['{"otel":{"headers":[]}}', '1:20: otel.headers: This is a list. Write an object: { … }.'],
    ['{"otel":{"headers":{"a":5}}}', '1:25: otel.headers.a: This is a number. Write a string in double quotes.'],
    ['{"otel":{"known_names":"x"}}', '1:24: otel.known_names: This is a string. Write a list: [ … ].'],
    ['{"otel":{"known_names":["x",1]}}', '1:29: otel.known_names.1: This is a number. Write a string in double quotes.'],
    ['{"otel":{"tls":"x"}}', '1:16: otel.tls: This is a string. Write an object: { … }.'],
    ['{"otel":{"queue":{"max_entries":"5"}}}', '1:33: otel.queue.max_entries: This is a string. Write a whole number, without quotes.'],
    ['{"otel":{"protocol":5}}', '1:21: otel.protocol: This is a number. Write a string in double quotes.'],
    ['{"otel":{"names":5}}', '1:18: otel.names: This is a number. Write a string in double quotes.'],
    ['{"otel":{"protocol":"http/thrift"}}', '1:21: otel.protocol: This value is not supported. Use "http/protobuf" or "http/json" or "grpc".'],
    ['{"otel":{"names":"some"}}', '1:18: otel.names: This value is not supported. Use "known" or "all".'],
    ['{"otel":{"tier":1,"tier":2}}', '1:26: otel.tier: This field occurs twice. Remove one.'],
    ['{"otel":{"endpiont":"http://127.0.0.1:9"}}', '1:21: otel.endpiont: There is no such setting. Did you mean "endpoint"?'],
    ['{"otel":{"tls":{"ca":"x"}}}', '1:22: otel.tls.ca: There is no such setting. Did you mean "ca_file"?'],
    ['{"otel":{"queue":{"zzz":1}}}', '1:25: otel.queue.zzz: There is no such setting. Use one of max_entries, max_mebibytes.'],
    ['{"otel":{"cardinality_overrides":{"modle":5}}}', '1:43: otel.cardinality_overrides.modle: No attribute of this name has a cardinality limit. Did you mean "model"?'],
  ])('for a reader who knows JSON: %s', (text, message) => {
    const given = options(text);
    expect(configError(() => addon.init(given))).toBe(`${path.join(given.cwd, PROJECT_FILE)}:${message}`);
  });

  test.each([
    ['at tier 0', { tier: 0 }],
    ['at tier 1, before an approval', { tier: 1 }],
  ])('and where a header is invalid though its value is a variable, %s', (_, tier) => {
    const given = options({ ...tier, endpoint: 'http://192.0.2.1', headers: { 'x y': '${NOT_SET}' } });
    const problem = 'This is not an HTTP header\\. Use letters, digits and hyphens in its name, and visible ASCII in its value\\.';
    expect(configError(() => addon.init(given))).toMatch(new RegExp(`:1:\\d+: otel\\.headers\\.x y: ${problem}$`));
  });

  test('a corrected config works', () => {
    const given = options({ tier: 5 });
    configError(() => addon.init(given));
    fs.writeFileSync(path.join(given.cwd, PROJECT_FILE), '{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9"}}');
    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 1 });
  });
});

/** It is degraded because of the endpoint at `place`. */
function expectDegraded(given, place, problem) {
  const status = addon.init(given);
  expect(status).toMatchObject({ state: 'degraded', tier: 1, reason: `${place}: ${problem}` });
  expect(JSON.stringify(status)).not.toContain('s3cret');
  expect(addon.record(turn())).toBe(false);
  expect(addon.status().entries).toMatchObject({ accepted: 0, rejected: 1 });
  addon.shutdownSync(0);
}

describe('an invalid endpoint is a reason, not an exception', () => {
  const EXAMPLE = 'Write it like "http://127.0.0.1:4318".';
  const NO_SCHEME = `The endpoint has no http:// or https://. ${EXAMPLE}`;
  const USER = 'The endpoint contains a user name or a password. Remove it, and send it in the header "authorization".';

  test.each([
    ['nonsense', NO_SCHEME],
    ['127.0.0.1:4318', 'endpoint "127.0.0.1:4318" has no http://. Write "http://127.0.0.1:4318".'],
    ['localhost:4318', 'endpoint "localhost:4318" has no http://. Write "http://localhost:4318".'],
    ['ftp://127.0.0.1', `The endpoint does not start with http:// or https://. ${EXAMPLE}`],
    ['http://', `The endpoint has no host. ${EXAMPLE}`],
    ['unix:/tmp/s', NO_SCHEME],
    ['https//me:s3cret@example', NO_SCHEME],
    ['http://me@127.0.0.1:9', USER],
    ['http://${A}@127.0.0.1:9', USER],
    ['http://me:${A}@127.0.0.1:9', USER],
  ])('%s', (endpoint, problem) => {
    const ofProject = options({ tier: 1, endpoint });
    const atHome = { ...options(), home: homeWith({ tier: 1, endpoint }) };
    expectDegraded(ofProject, `${path.join(ofProject.cwd, PROJECT_FILE)}:1:30`, problem);
    expectDegraded(atHome, `${path.join(atHome.home, PERSONAL_FILE)}:1:30`, problem);
    expectDegraded(switchedOn(endpoint), 'environment: OTEL_EXPORTER_OTLP_ENDPOINT', problem);
  });

  test('and so is one with a password in the environment', () => {
    expectDegraded(switchedOn('http://me:s3cret@127.0.0.1:9'), 'environment: OTEL_EXPORTER_OTLP_ENDPOINT', USER);
  });
});

describe('a password in the endpoint of a file is refused as a secret', () => {
  const endpoint = 'http://me:s3cret@127.0.0.1:9';
  const PROBLEM = 'otel.endpoint: This looks like a real user and password of a URL. Move it to an environment variable and ' +
    'write "${NAME}" here. Then revoke it: anyone with this file has it.';

  test.each([0, 1])('the project\'s file, at tier %d', (tier) => {
    const given = options({ tier, endpoint });
    expect(configError(() => addon.init(given))).toBe(`${path.join(given.cwd, PROJECT_FILE)}:1:30: ${PROBLEM}`);
    expect(addon.status().state).toBe('disabled');
  });

  test('and of the user', () => {
    const given = { ...options(), home: homeWith({ tier: 1, endpoint }) };
    expect(configError(() => addon.init(given))).toBe(`${path.join(given.home, PERSONAL_FILE)}:1:30: ${PROBLEM}`);
  });
});

describe('a project needs approval to send to another machine:', () => {
  const elsewhere = { tier: 1, endpoint: 'http://192.0.2.1:4318' };
  const ASKED = asks('http://192.0.2.1:4318');

  test.each(['http://192.0.2.1:4318', 'https://otlp.example', 'http://127.0.0.1.example', 'http://localhost.example', 'http://0.0.0.0:4318', 'http://[2001:db8::1]',
    'https://otlp.example/v1/metrics', 'https://otlp.example/?tenant=a'])('%s', (endpoint) => {
    expectUntrusted(options({ enabled: true, tier: 1, endpoint }), asks(endpoint.includes('?') ? `"${endpoint}"` : endpoint));
  });

  test.each(['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9'])('not to this machine: %s', (endpoint) => {
    expect(addon.init(options({ tier: 1, endpoint }))).toMatchObject({ state: 'active', tier: 1, decidedBy: 'project file', trust: BASIS.loopback });
  });

  test.each([
    ['with a variable', { project: '${A}' }, [reads('A', 'and send it there as "project.name"')]],
    ['with a variable that is not set', { headers: { 'x-tenant': '${B}' } }, ['With the headers: x-tenant=${B}', reads('B', 'and send it there in the header "x-tenant"')]],
    ['with a certificate', { tls: { certificate_file: 'c.pem', key_file: 'k.pem' } }, ['It will use these certificate files: "certificate_file=c.pem (cannot be read)", "key_file=k.pem (cannot be read)"']],
  ])('to this machine %s', (_, more, details) => {
    expectUntrusted(options({ tier: 1, endpoint: NOBODY, ...more }, { A: 'a' }), asks(NOBODY, details));
  });

  test.each([
    ['names no endpoint', { CCXRAY_OTEL_TIER: '1' }, undefined],
    ['names another one at home', {}, { tier: 1, endpoint: 'http://192.0.2.2:4318' }],
    ['names the same one at home', {}, elsewhere],
    ['names the same one for this launch', { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: elsewhere.endpoint }, undefined],
    ['does not say that the machine is managed', { CCXRAY_OTEL_TRUST: '0' }, undefined],
  ])('nor is it an approval if the user %s', (_, env, atHome) => {
    const given = options(elsewhere, env);
    expectUntrusted(atHome ? { ...given, home: homeWith(atHome) } : given, ASKED);
  });

  test('but a managed machine approves it', () => {
    expect(addon.init(options(elsewhere, { CCXRAY_OTEL_TRUST: '1' }))).toMatchObject({ state: 'active', tier: 1, trust: BASIS.managed });
  });

  test('and an approval does, until it is revoked', () => {
    const given = options(elsewhere);
    addon.trust(given.cwd, { home, env: {} });
    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 1, decidedBy: 'project file', trust: BASIS.approved });
    addon.shutdownSync(0);
    addon.untrust(given.cwd, { home, env: {} });
    expectUntrusted(given, ASKED);
  });
});

/** It is off, and the reason says what is asked for. */
function expectUntrusted(given, asked) {
  expect(addon.init(given)).toMatchObject({ state: 'disabled', tier: 0, reason: untrusted(given.cwd, asked) });
  expect(addon.record(turn())).toBe(false);
  addon.shutdownSync(0);
}
