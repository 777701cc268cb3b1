'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { collectors } = require('../../testkit/receiver/collectors');
const { run } = require('../../testkit/process/run');
const { changed, on, untrusted, APPROVAL } = require('../../testkit/notice');
const { circular, revoked, throwing } = require('../../testkit/odd-objects');
const { PERSONAL_FILE, PROJECT_FILE, projects } = require('../../testkit/scratch/projects');
const { sumOf, turn, TURNS } = require('../../testkit/entries/turn');
const { sleep } = require('../../testkit/waiting');
const { ASKED, ELSEWHERE, messageOf, approvalsIn } = require('../../testkit/consent');

const SECRET = 'Wj4lrXUtnFEMIbPxRfiCYzEK';
const onUnix = process.platform === 'win32' ? test.skip : test;

const { project, homeWith, options } = projects();
const collector = collectors();

beforeAll(() => addon.shutdown(1));

test('a project is off until the engineer allows it, then on, off again after a change, and off for good when they take it back', async () => {
  const receiver = await collector();
  const env = { COLLECTOR: receiver.endpoint, TOKEN: 's3cret' };
  const asked = { tier: 1, endpoint: '${COLLECTOR}', headers: { authorization: 'Bearer ${TOKEN}' } };
  const given = { ...options(asked, env), home: homeWith({}) };
  const start = async () => {
    await addon.shutdown();
    return addon.init(given);
  };
  const terms = 'tier 1 to ${COLLECTOR}, with headers: "authorization=Bearer ${TOKEN}", with your variables: COLLECTOR@endpoint, TOKEN@headers.authorization';
  const reason = untrusted(given.cwd, terms);

  expect(await start()).toMatchObject({ state: 'disabled', tier: 0, reason });
  expect(addon.record(turn())).toBe(false);
  const allowed = addon.trust(given.cwd, given);
  expect(allowed).toEqual({ directory: given.cwd, terms, changes: [], file: approvalsIn(given.home) });
  // What runs goes on as it was started.
  expect(addon.record(turn())).toBe(false);
  expect(addon.status()).toMatchObject({ state: 'disabled', reason });

  expect(await start()).toMatchObject({ state: 'active', tier: 1, trust: APPROVAL.allowed, endpoint: '${COLLECTOR}' });
  expect(addon.record(turn())).toBe(true);
  expect(await addon.flush()).toBe(true);
  expect(sumOf(receiver.series(), TURNS)).toBe(1);

  write(given.cwd, { ...asked, team: 'another', interval_seconds: 5 });
  expect(await start()).toMatchObject({ state: 'active', team: 'another' });
  write(given.cwd, { ...asked, headers: { ...asked.headers, 'x-more': '${MORE}' }, names: 'all' });
  const changes = ['names were known, are all', 'new header x-more=${MORE}', 'new variable MORE@headers.x-more'];
  expect(await start()).toMatchObject({ state: 'disabled', tier: 0, reason: changed(given.cwd, changes.join(', ')) });
  expect(addon.trust(given.cwd, given)).toMatchObject({ changes });

  write(given.cwd, asked);
  addon.trust(given.cwd, given);
  expect(addon.untrust(given.cwd, given)).toBe(true);
  expect(addon.untrust(given.cwd, given)).toBe(false);
  expect(await start()).toMatchObject({ state: 'disabled', tier: 0, reason });
});

describe('trust', () => {
  test.each([
    ['there is no config', undefined],
    ['telemetry is off', { ...ELSEWHERE, tier: 0 }],
    ['the project is switched off', { ...ELSEWHERE, enabled: false }],
  ])('has nothing to note where %s', (_, config) => {
    const given = { ...options(config), home: homeWith({}) };
    expect(addon.trust(given.cwd, given)).toEqual({ directory: given.cwd, changes: [] });
    expect(addon.untrust(given.cwd, given)).toBe(false);
    expect(fs.existsSync(approvalsIn(given.home))).toBe(false);
  });

  test('needs no variable to be set, and looks where it is told', () => {
    const [cwd, home] = [project({ ...ELSEWHERE, endpoint: '${COLLECTOR}' }), homeWith({})];
    const own = path.join(home, 'own');
    const file = path.join(own, 'otel-trust.json');
    expect(addon.trust(cwd, { home, env: { CCXRAY_HOME: own } })).toMatchObject({ directory: cwd, file });
    expect(addon.trust(undefined, { cwd, home, env: { CCXRAY_HOME: own } })).toMatchObject({ directory: cwd, file });
    expect(addon.untrust(cwd, { home, env: {} })).toBe(false);
    expect(addon.untrust(null, { cwd, home, env: { CCXRAY_HOME: own } })).toBe(true);
  });

  test.each([
    ['the engineer, for this launch', { CCXRAY_OTEL_TIER: '0' }],
    ['the engineer, for every program', { DO_NOT_TRACK: '1' }],
  ])('can be given while telemetry is switched off by %s', (_, env) => {
    const given = { ...options(ELSEWHERE, env), home: homeWith({}) };
    expect(addon.trust(given.cwd, given)).toEqual({ directory: given.cwd, terms: ASKED, changes: [], file: approvalsIn(given.home) });
    expect(addon.inspect(given)).toMatchObject({ state: 'disabled', tier: 0 });
    expect(addon.inspect({ ...given, env: {} })).toMatchObject({ state: 'active', trust: APPROVAL.allowed });
  });

  test('of terms that were shown allows these and no others', () => {
    const given = { ...options(ELSEWHERE), home: homeWith({}) };
    const { asks } = addon.inspect(given);
    expect(asks).toEqual({ directory: given.cwd, terms: ASKED, changes: [], hash: expect.stringMatching(/^[\da-f]{64}$/) });
    const refusal = `${path.join(given.cwd, PROJECT_FILE)}:1:1: the config has changed since its terms were shown; look at it again`;

    write(given.cwd, { ...ELSEWHERE, names: 'all' });
    const { asks: others } = addon.inspect(given);
    expect(others.hash).not.toBe(asks.hash);
    for (const hash of [asks.hash, others.hash.toUpperCase(), others.hash.slice(0, -1), '0'.repeat(64), 'no hash', '']) {
      expect(messageOf(() => addon.trust(given.cwd, given, hash))).toBe(refusal);
    }
    expect(fs.existsSync(approvalsIn(given.home))).toBe(false);
    expect(addon.init(given)).toMatchObject({ state: 'disabled', tier: 0, asks: others });
    addon.shutdownSync(0);

    expect(addon.trust(given.cwd, given, others.hash)).toMatchObject({ terms: others.terms, changes: [] });
    const noted = fs.readFileSync(approvalsIn(given.home), 'utf8');
    expect(JSON.parse(noted).projects[given.cwd].hash).toBe(others.hash);
    // What has been allowed stays so when something else is refused.
    expect(messageOf(() => addon.trust(given.cwd, given, asks.hash))).toBe(refusal);
    expect(fs.readFileSync(approvalsIn(given.home), 'utf8')).toBe(noted);
    expect(addon.init(given)).toMatchObject({ state: 'active', trust: APPROVAL.allowed });
    expect(addon.status()).not.toHaveProperty('asks');
  });

  test.each([
    ['a number', 5], ['a boolean', true], ['a list', ['0'.repeat(64)]], ['an object', {}], ['a symbol', Symbol('x')],
  ])('refuses %s for a hash, and notes nothing', (what, hash) => {
    const given = { ...options(ELSEWHERE), home: homeWith({}) };
    expect(messageOf(() => addon.trust(given.cwd, given, hash))).toBe(`options: hash: expected a string, not ${what}; correct this option`);
    expect(fs.existsSync(approvalsIn(given.home))).toBe(false);
  });

  test('refuses a hash where nothing is asked for', () => {
    const given = { ...options(), home: homeWith({}) };
    expect(messageOf(() => addon.trust(given.cwd, given, '0'.repeat(64)))).toBe('options: hash: nothing is asked for here; leave it out, or look again');
  });

  onUnix('is asked for in words that a shell takes as they are', () => {
    const cwd = path.join(project(), "it's mine; rm *");
    fs.mkdirSync(cwd);
    write(cwd, ELSEWHERE);
    const { reason } = addon.inspect({ cwd, home: homeWith({}), env: {} });
    expect(reason).toBe(untrusted(cwd, ASKED));
    const [, word] = / npx @ccxray\/otel-native trust (.*)$/.exec(reason);
    expect(execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' })).toBe(cwd);
  });

  test('is asked for in words that a project cannot add a sentence of its own to', () => {
    const endpoint = 'https://collector.invalid/"; allow it with: npx evil';
    const { reason, asks } = addon.inspect({ ...options({ tier: 1, endpoint }), home: homeWith({}) });
    expect(asks.terms).toBe(`tier 1 to ${JSON.stringify(endpoint)}`);
    expect(reason).toBe(untrusted(asks.directory, asks.terms));
  });

  test('notes what was allowed, and no value of a variable', () => {
    const given = { ...options({ ...ELSEWHERE, headers: { Authorization: 'Bearer ${TOKEN}' } }, { TOKEN: 's3cret' }), home: homeWith({}) };
    addon.trust(given.cwd, given);
    const text = fs.readFileSync(approvalsIn(given.home), 'utf8');
    expect(text).not.toContain('s3cret');
    expect(JSON.parse(text)).toEqual({
      version: 1,
      projects: {
        [given.cwd]: {
          hash: expect.stringMatching(/^[\da-f]{64}$/),
          trusted_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          terms: {
            tier: 1, endpoint: 'https://collector.invalid', headers: ['authorization=Bearer ${TOKEN}'], variables: ['TOKEN@headers.Authorization'],
            names: 'known', known_names: [], tls: [],
          },
        },
      },
    });
  });

  onUnix('notes it where nobody else can read it, and believes nothing that somebody else can write', () => {
    const given = { ...options(ELSEWHERE), home: homeWith({}) };
    const umask = process.umask(0);
    try {
      addon.trust(given.cwd, given);
    } finally {
      process.umask(umask);
    }
    const file = approvalsIn(given.home);
    const modes = [file, path.dirname(file)].map((name) => fs.statSync(name).mode & 0o777);
    expect(modes).toEqual([0o600, 0o700]);
    fs.chmodSync(file, 0o622);
    expect(addon.init(given)).toMatchObject({ state: 'disabled', tier: 0, reason: expect.stringMatching(/^untrusted: .*otel-trust\.json.*: others can write to it; /) });
    expect(messageOf(() => addon.trust(given.cwd, given))).toMatch(/others can write to it/);
  });

  test('of two processes at once is lost for no project, and an earlier one holds all the while', async () => {
    const home = homeWith({});
    const CCXRAY_HOME = path.join(home, 'own');
    const given = { home, env: { CCXRAY_HOME } };
    const before = project(ELSEWHERE);
    addon.trust(before, given);
    addon.init({ cwd: project(), ...given });
    const crews = [0, 1].map(() => Array.from({ length: 20 }, () => project(ELSEWHERE)));
    const moment = String(Date.now() + 500);
    const atWork = new Set(crews);
    const ends = crews.map(async (directories) => {
      const result = await run('children/trust.js', [moment, ...directories], { env: { HOME: home, CCXRAY_HOME } });
      atWork.delete(directories);
      return result;
    });
    const reasons = new Set();
    while (atWork.size > 0) {
      reasons.add(addon.status(before).reason);
      await sleep(1);
    }
    for (const { code, stderr, stdout } of await Promise.all(ends)) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual(Array(20).fill(path.join(CCXRAY_HOME, 'otel-trust.json')));
    }
    expect([...reasons]).toEqual([undefined]);
    const all = [before, ...crews.flat()];
    expect(all.map((directory) => addon.status(directory).trust)).toEqual(all.map(() => APPROVAL.allowed));
    expect(all.map((directory) => addon.untrust(directory, given))).toEqual(all.map(() => true));
  });
});

test('untrust takes back the word to the nearest project only', () => {
  const outer = project(ELSEWHERE);
  const inner = path.join(outer, 'inner');
  for (const directory of [inner, path.join(outer, '.git')]) fs.mkdirSync(directory);
  write(inner, ELSEWHERE);
  const given = { home: homeWith({}), env: {} };
  addon.trust(outer, given);
  expect(addon.untrust(inner, given)).toBe(false);
  expect(addon.inspect({ cwd: outer, ...given })).toMatchObject({ state: 'active', trust: APPROVAL.allowed });
});

describe.each([
  ['a literal loopback endpoint', (receiver) => receiver.endpoint, [], APPROVAL.loopback],
  ['an endpoint that a variable names', () => '${COLLECTOR}', ['COLLECTOR@endpoint'], APPROVAL.allowed],
])('a personal file beside a trusted project at tier 2 with %s', (_, endpointOf, variables, word) => {
  test.each([
    ['that was not there', undefined],
    ['that held a name', { tier: 2, identity: 'ann' }],
  ])('%s asks again once it names a secret for the identity, and the secret never leaves', async (__, before) => {
    const receiver = await collector();
    const env = { PATH: process.env.PATH, COLLECTOR: receiver.endpoint, AWS_SECRET_ACCESS_KEY: SECRET };
    const given = { ...options({ tier: 2, endpoint: endpointOf(receiver) }, env), home: homeWith({ tier: 2, identity: 'jo' }) };
    const beside = path.join(given.cwd, PERSONAL_FILE);
    const termsWith = (list) => `tier 2 to ${endpointOf(receiver)}${list.length > 0 ? `, with your variables: ${list.join(', ')}` : ''}`;
    if (before) fs.writeFileSync(beside, JSON.stringify({ otel: before }));
    expect(addon.trust(given.cwd, given)).toMatchObject({ terms: termsWith(variables), changes: [] });

    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 2, trust: word });
    addon.record(turn());
    expect(await addon.flush()).toBe(true);
    await addon.shutdown();
    const named = [before?.identity ?? 'jo'];
    expect(identities(receiver)).toEqual(named);
    const { accepted } = receiver.requests;

    fs.writeFileSync(beside, JSON.stringify({ otel: { tier: 2, identity: '${AWS_SECRET_ACCESS_KEY}' } }));
    const terms = termsWith(['AWS_SECRET_ACCESS_KEY@identity', ...variables]);
    const changes = ['new variable AWS_SECRET_ACCESS_KEY@identity'];
    const told = [];
    // As the project of the process, and as one of several.
    for (const cwd of [given.cwd, project({ enabled: false })]) {
      addon.init({ ...given, cwd });
      for (const parts of [undefined, { cwd: given.cwd }]) addon.record(turn(), parts);
      await addon.flush();
      const status = addon.status(given.cwd);
      expect(status).toMatchObject({ state: 'disabled', tier: 0, asks: { directory: given.cwd, terms, changes } });
      expect(status.reason).toMatch(/^untrusted: .* has changed since you allowed it: new variable AWS_SECRET_ACCESS_KEY@identity; /);
      told.push(status, addon.inspect(given), addon.preview(), addon.preview(given.cwd));
      await addon.shutdown();
    }
    expect(receiver.requests).toEqual({ accepted, refused: 0 });
    expect(identities(receiver)).toEqual(named);
    for (const text of [JSON.stringify(told), fs.readFileSync(approvalsIn(given.home), 'utf8')]) expect(text).not.toContain(SECRET);
  });
});

describe('inspect', () => {
  test('says what init would say', () => {
    for (const config of [undefined, ELSEWHERE, { ...ELSEWHERE, tier: 0 }, { tier: 1, endpoint: 'http://127.0.0.1:9' }, { tier: 1, endpoint: 'collector' }]) {
      const given = { ...options(config), home: homeWith({}) };
      const looked = addon.inspect(given);
      const { files, ...said } = addon.init(given);
      // Nothing has happened yet to what is only looked at, and nothing is to be written about it.
      expect(looked).toEqual({ ...said, transitions: [], files: files && { ...files, waiting: 0 } });
      addon.shutdownSync(0);
    }
  });

  test('starts no thread, opens no connection, prints no line and writes no file', async () => {
    const receiver = await collector();
    const home = homeWith({});
    const directories = [project({ tier: 1, endpoint: receiver.endpoint }), project({ tier: 1, endpoint: 'collector' }), project(ELSEWHERE), project()];
    const there = () => [home, ...directories].map((directory) => fs.readdirSync(directory, { recursive: true }));
    const before = there();
    const { code, stdout, stderr } = await run('children/inspect.js', ['inspect', ...directories], { env: { HOME: home } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ states: ['active', 'degraded', 'disabled', 'disabled'], isAccepted: false, threads: [], sockets: 0 });
    expect(there()).toEqual(before);
    expect(receiver.requests).toEqual({ accepted: 0, refused: 0 });
  });

  (process.platform === 'linux' ? test : test.skip)('which this would see if it did', async () => {
    const receiver = await collector();
    const directory = project({ tier: 1, endpoint: receiver.endpoint });
    const { code, stdout, stderr } = await run('children/inspect.js', ['init', directory], { env: { HOME: homeWith({}) } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: on(receiver.endpoint, APPROVAL.loopback) });
    const seen = JSON.parse(stdout);
    expect(seen).toMatchObject({ states: ['active'], isAccepted: true, threads: expect.arrayContaining(['ccxray-export', 'ccxray-worker']) });
    expect(seen.sockets).toBeGreaterThan(0);
  });

  test('leaves alone what runs', async () => {
    const receiver = await collector();
    const given = { ...options({ tier: 1, endpoint: receiver.endpoint }), home: homeWith({}) };
    addon.init(given);
    addon.record(turn());
    expect(addon.inspect({ ...options(ELSEWHERE), home: given.home })).toMatchObject({ state: 'disabled', asks: { terms: ASKED } });
    expect(addon.status()).toMatchObject({ state: 'active', endpoint: `${receiver.endpoint}/v1/metrics` });
    expect(await addon.flush()).toBe(true);
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
  });

  test('says where a config is wrong', () => {
    const cwd = project('{');
    expect(messageOf(() => addon.inspect({ cwd, home: homeWith({}), env: {} }))).toBe(`${path.join(cwd, PROJECT_FILE)}:1:1: this is not valid JSON; correct the JSON`);
  });

  test.each([
    ['a number', 5, 'expected an object, not a number; correct this option'],
    ['an unknown option', { hoem: '/tmp' }, 'hoem: there is no such option (expected one of cwd, home, env, hostVersion); correct its name'],
    ['a getter that throws', throwing('home'), 'home: reading it throws; give a plain object'],
    ['a revoked Proxy', revoked(), 'reading it throws; give a plain object'],
  ])('refuses %s', (_, given, says) => {
    expect(messageOf(() => addon.inspect(given))).toBe(`options: ${says}`);
  });
});

test.each([
  ['trust', () => addon.trust('')],
  ['untrust', () => addon.untrust('')],
  ['inspect', () => addon.inspect({ cwd: '' })],
  ['initConfig', () => addon.initConfig({ cwd: '', project: ELSEWHERE })],
])('%s refuses an empty name for a directory', (_, action) => {
  expect(messageOf(action)).toBe("options: cwd: it names no directory; name the project's directory");
});

describe.each(['trust', 'untrust'])('%s refuses what it does not understand, and names it', (name) => {
  test.each([
    ['a number', 5], ['a boolean', true], ['a list', ['/tmp']], ['an object', { cwd: '/tmp' }], ['a symbol', Symbol('x')], ['a BigInt', 5n], ['a function', () => '/tmp'],
  ])('%s for the directory', (what, cwd) => {
    expect(messageOf(() => addon[name](cwd))).toBe(`options: cwd: expected a string, not ${what}; correct this option`);
  });

  test.each([
    ['a number for options', 5, 'expected an object, not a number; correct this option'],
    ['a list for options', [], 'expected an object, not a list; correct this option'],
    ['an unknown option', { hoem: '/tmp' }, 'hoem: there is no such option (expected one of cwd, home, env, hostVersion); correct its name'],
    ['a number for a home', { home: 5 }, 'home: expected a string, not a number; correct this option'],
    ['a number in the environment', { env: { HOME: 5 } }, 'env.HOME: expected a string, not a number; correct this option'],
    ['a getter that throws', throwing('home'), 'home: reading it throws; give a plain object'],
    ['a getter that throws in the environment', { env: throwing('HOME') }, 'env.HOME: reading it throws; give a plain object'],
    ['a revoked Proxy', revoked(), 'reading it throws; give a plain object'],
    ['itself within itself', circular('env'), 'env.env: expected a string, not an object; correct this option'],
  ])('%s', (_, given, says) => {
    expect(messageOf(() => addon[name](project(ELSEWHERE), given))).toBe(`options: ${says}`);
  });
});

/** Everybody in whose name numbers came. */
function identities(receiver) {
  return [...new Set(receiver.series().map(({ resource }) => resource['enduser.id']))];
}

function write(directory, otel) {
  fs.writeFileSync(path.join(directory, PROJECT_FILE), JSON.stringify({ otel }));
}
