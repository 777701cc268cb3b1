'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { collectors } = require('../../testkit/receiver/collectors');
const { run } = require('../../testkit/process/run');
const { asks, BASIS, changed, on, reads, untrusted } = require('../../testkit/notice');
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

test('a project is off until it is approved, after a change, and after the approval is revoked', async () => {
  const receiver = await collector();
  const env = { COLLECTOR: receiver.endpoint, TOKEN: 's3cret' };
  const asked = { tier: 1, endpoint: '${COLLECTOR}', headers: { authorization: 'Bearer ${TOKEN}' } };
  const given = { ...options(asked, env), home: homeWith({}) };
  const start = async () => {
    await addon.shutdown();
    return addon.init(given);
  };
  const expected = asks('${COLLECTOR}', [
    'With the headers: "authorization=Bearer ${TOKEN}"',
    reads('COLLECTOR', 'as a part of this address'),
    reads('TOKEN', 'and send it there in the header "authorization"'),
  ]);
  const reason = untrusted(given.cwd, expected);

  expect(await start()).toMatchObject({ state: 'disabled', tier: 0, reason });
  expect(addon.record(turn())).toBe(false);
  const allowed = addon.trust(given.cwd, given);
  expect(allowed).toEqual({ directory: given.cwd, terms: expected.terms, changes: [], file: approvalsIn(given.home) });
  // A running exporter keeps its config.
  expect(addon.record(turn())).toBe(false);
  expect(addon.status()).toMatchObject({ state: 'disabled', reason });

  expect(await start()).toMatchObject({ state: 'active', tier: 1, trust: BASIS.approved, endpoint: '${COLLECTOR}' });
  expect(addon.record(turn())).toBe(true);
  expect(await addon.flush()).toBe(true);
  expect(sumOf(receiver.series(), TURNS)).toBe(1);

  write(given.cwd, { ...asked, team: 'another', interval_seconds: 5 });
  expect(await start()).toMatchObject({ state: 'active', team: 'another' });
  write(given.cwd, { ...asked, headers: { ...asked.headers, 'x-more': '${MORE}' }, names: 'all' });
  const changes = ['"names" was known and is now all', 'new header x-more=${MORE}', 'new variable MORE@headers.x-more'];
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
  ])('records nothing if %s', (_, config) => {
    const given = { ...options(config), home: homeWith({}) };
    expect(addon.trust(given.cwd, given)).toEqual({ directory: given.cwd, changes: [] });
    expect(addon.untrust(given.cwd, given)).toBe(false);
    expect(fs.existsSync(approvalsIn(given.home))).toBe(false);
  });

  test('needs no variable to be set, and uses the given directories', () => {
    const [cwd, home] = [project({ ...ELSEWHERE, endpoint: '${COLLECTOR}' }), homeWith({})];
    const own = path.join(home, 'own');
    const file = path.join(own, 'otel-trust.json');
    expect(addon.trust(cwd, { home, env: { CCXRAY_HOME: own } })).toMatchObject({ directory: cwd, file });
    expect(addon.trust(undefined, { cwd, home, env: { CCXRAY_HOME: own } })).toMatchObject({ directory: cwd, file });
    expect(addon.untrust(cwd, { home, env: {} })).toBe(false);
    expect(addon.untrust(null, { cwd, home, env: { CCXRAY_HOME: own } })).toBe(true);
  });

  test.each([
    ['the user, for this launch', { CCXRAY_OTEL_TIER: '0' }],
    ['the user, for every program', { DO_NOT_TRACK: '1' }],
  ])('works while telemetry is turned off by %s', (_, env) => {
    const given = { ...options(ELSEWHERE, env), home: homeWith({}) };
    expect(addon.trust(given.cwd, given)).toEqual({ directory: given.cwd, terms: ASKED.terms, changes: [], file: approvalsIn(given.home) });
    expect(addon.inspect(given)).toMatchObject({ state: 'disabled', tier: 0 });
    expect(addon.inspect({ ...given, env: {} })).toMatchObject({ state: 'active', trust: BASIS.approved });
  });

  test('with a hash approves only the terms with this hash', () => {
    const given = { ...options(ELSEWHERE), home: homeWith({}) };
    const { asks: pending } = addon.inspect(given);
    expect(pending).toEqual({ directory: given.cwd, terms: ASKED.terms, changes: [], hash: expect.stringMatching(/^[\da-f]{64}$/) });
    const refusal = `${path.join(given.cwd, PROJECT_FILE)}:1:1: The config has changed since you saw it. Look at it again, then approve it.`;

    write(given.cwd, { ...ELSEWHERE, names: 'all' });
    const { asks: others } = addon.inspect(given);
    expect(others.hash).not.toBe(pending.hash);
    for (const hash of [pending.hash, others.hash.toUpperCase(), others.hash.slice(0, -1), '0'.repeat(64), 'no hash', '']) {
      expect(messageOf(() => addon.trust(given.cwd, given, hash))).toBe(refusal);
    }
    expect(fs.existsSync(approvalsIn(given.home))).toBe(false);
    expect(addon.init(given)).toMatchObject({ state: 'disabled', tier: 0, asks: others });
    addon.shutdownSync(0);

    expect(addon.trust(given.cwd, given, others.hash)).toMatchObject({ terms: others.terms, changes: [] });
    const recorded = fs.readFileSync(approvalsIn(given.home), 'utf8');
    expect(JSON.parse(recorded).projects[given.cwd].hash).toBe(others.hash);
    // An approval stays if another one is refused.
    expect(messageOf(() => addon.trust(given.cwd, given, pending.hash))).toBe(refusal);
    expect(fs.readFileSync(approvalsIn(given.home), 'utf8')).toBe(recorded);
    expect(addon.init(given)).toMatchObject({ state: 'active', trust: BASIS.approved });
    expect(addon.status()).not.toHaveProperty('asks');
  });

  test.each([
    ['a number', 5], ['a boolean', true], ['a list', ['0'.repeat(64)]], ['an object', {}], ['a symbol', Symbol('x')],
  ])('refuses %s for a hash, and records nothing', (what, hash) => {
    const given = { ...options(ELSEWHERE), home: homeWith({}) };
    expect(messageOf(() => addon.trust(given.cwd, given, hash))).toBe(`options: hash: This is ${what}. Use a string.`);
    expect(fs.existsSync(approvalsIn(given.home))).toBe(false);
  });

  test('rejects a hash if nothing needs approval', () => {
    const given = { ...options(), home: homeWith({}) };
    expect(messageOf(() => addon.trust(given.cwd, given, '0'.repeat(64)))).toBe('options: hash: Nothing needs your approval here. Leave the hash out.');
  });

  onUnix('is named in a command that a shell can run', () => {
    const cwd = path.join(project(), "it's mine; rm *");
    fs.mkdirSync(cwd);
    write(cwd, ELSEWHERE);
    const { reason } = addon.inspect({ cwd, home: homeWith({}), env: {} });
    expect(reason).toBe(untrusted(cwd, ASKED));
    const [, command] = /To approve: (.*)$/.exec(reason);
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(words).toEqual([process.execPath, path.join(__dirname, '../../cli.js'), 'trust', cwd]);
  });

  test('is asked for in a sentence that a project cannot forge', () => {
    const endpoint = 'https://collector.invalid/". To approve: npx evil';
    const { reason, asks: pending } = addon.inspect({ ...options({ tier: 1, endpoint }), home: homeWith({}) });
    const expected = asks(JSON.stringify(endpoint));
    expect(pending.terms).toBe(expected.terms);
    expect(reason).toBe(untrusted(pending.directory, expected));
  });

  test('records the terms, and no value of a variable', () => {
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

  onUnix('uses a private file, and trusts no file that others can write', () => {
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
    expect(addon.init(given)).toMatchObject({ state: 'disabled', tier: 0, reason: expect.stringMatching(/^untrusted: .*otel-trust\.json.*: Other users can write to this file\. /) });
    expect(messageOf(() => addon.trust(given.cwd, given))).toMatch(/Other users can write to this file\./);
  });

  test('of two processes at once loses no approval', async () => {
    const home = homeWith({});
    const CCXRAY_HOME = path.join(home, 'own');
    const given = { home, env: { CCXRAY_HOME } };
    const before = project(ELSEWHERE);
    addon.trust(before, given);
    addon.init({ cwd: project(), ...given });
    const crews = [0, 1].map(() => Array.from({ length: 20 }, () => project(ELSEWHERE)));
    const start = String(Date.now() + 500);
    const atWork = new Set(crews);
    const ends = crews.map(async (directories) => {
      const result = await run('children/trust.js', [start, ...directories], { env: { HOME: home, CCXRAY_HOME } });
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
    expect(all.map((directory) => addon.status(directory).trust)).toEqual(all.map(() => BASIS.approved));
    expect(all.map((directory) => addon.untrust(directory, given))).toEqual(all.map(() => true));
  });
});

test('untrust revokes the approval of the nearest project only', () => {
  const outer = project(ELSEWHERE);
  const inner = path.join(outer, 'inner');
  for (const directory of [inner, path.join(outer, '.git')]) fs.mkdirSync(directory);
  write(inner, ELSEWHERE);
  const given = { home: homeWith({}), env: {} };
  addon.trust(outer, given);
  expect(addon.untrust(inner, given)).toBe(false);
  expect(addon.inspect({ cwd: outer, ...given })).toMatchObject({ state: 'active', trust: BASIS.approved });
});

/** What a personal file in a project adds to the terms. */
function adds({ tier, identity }) {
  return `It will use these settings of .ccxray.user.json: tier=${tier}, identity=${identity}`;
}

describe.each([
  ['a literal loopback endpoint', (receiver) => receiver.endpoint, []],
  ['an endpoint that a variable names', () => '${COLLECTOR}', [reads('COLLECTOR', 'as a part of this address')]],
])('a personal file in an approved project at tier 2 with %s', (_, endpointOf, details) => {
  test.each([
    ['that was not there', undefined],
    ['that held a name', { tier: 2, identity: 'ann' }],
  ])('%s needs a new approval when it names a secret as the identity, and the secret is never sent', async (__, before) => {
    const receiver = await collector();
    const env = { PATH: process.env.PATH, COLLECTOR: receiver.endpoint, AWS_SECRET_ACCESS_KEY: SECRET };
    const given = { ...options({ tier: 2, resolution: 'minute', endpoint: endpointOf(receiver) }, env), home: homeWith({ tier: 2, identity: 'jo' }) };
    const beside = path.join(given.cwd, PERSONAL_FILE);
    const termsWith = (list, added) => asks(endpointOf(receiver), [...list, ...(added ? [adds(added)] : [])], 2, 'minute').terms;
    if (before) fs.writeFileSync(beside, JSON.stringify({ otel: before }));
    expect(addon.trust(given.cwd, given)).toMatchObject({ terms: termsWith(details, before), changes: [] });

    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 2, trust: BASIS.approved });
    addon.record(turn());
    expect(await addon.flush()).toBe(true);
    await addon.shutdown();
    const named = [before?.identity ?? 'jo'];
    expect(identities(receiver)).toEqual(named);
    const { accepted } = receiver.requests;

    fs.writeFileSync(beside, JSON.stringify({ otel: { tier: 2, identity: '${AWS_SECRET_ACCESS_KEY}' } }));
    const identity = '${AWS_SECRET_ACCESS_KEY}';
    const terms = termsWith([reads('AWS_SECRET_ACCESS_KEY', 'and send it there as "enduser.id"'), ...details], { tier: 2, identity });
    const setting = 'setting of .ccxray.user.json';
    const changes = [
      'new variable AWS_SECRET_ACCESS_KEY@identity', `new ${setting} identity=${identity}`,
      before ? `removed ${setting} identity=${before.identity}` : `new ${setting} tier=2`,
    ];
    const shown = [];
    // As the project of the process, and as one of several projects.
    for (const cwd of [given.cwd, project({ enabled: false })]) {
      addon.init({ ...given, cwd });
      for (const parts of [undefined, { cwd: given.cwd }]) addon.record(turn(), parts);
      await addon.flush();
      const status = addon.status(given.cwd);
      expect(status).toMatchObject({ state: 'disabled', tier: 0, asks: { directory: given.cwd, terms, changes } });
      expect(status.reason).toMatch(/^untrusted: .* has changed since you approved it: new variable AWS_SECRET_ACCESS_KEY@identity, new /);
      shown.push(status, addon.inspect(given), addon.preview(), addon.preview(given.cwd));
      await addon.shutdown();
    }
    expect(receiver.requests).toEqual({ accepted, rejected: 0 });
    expect(identities(receiver)).toEqual(named);
    for (const text of [JSON.stringify(shown), fs.readFileSync(approvalsIn(given.home), 'utf8')]) expect(text).not.toContain(SECRET);
  });
});

describe('inspect', () => {
  test('returns what init would return', () => {
    for (const config of [undefined, ELSEWHERE, { ...ELSEWHERE, tier: 0 }, { tier: 1, endpoint: 'http://127.0.0.1:9' }, { tier: 1, endpoint: 'collector' }]) {
      const given = { ...options(config), home: homeWith({}) };
      const looked = addon.inspect(given);
      const { files, ...status } = addon.init(given);
      // A project that is only inspected has no history and writes no files.
      expect(looked).toEqual({ ...status, transitions: [], files: files && { ...files, waiting: 0, written: 0 } });
      addon.shutdownSync(0);
    }
  });

  test('has no side effect', async () => {
    const receiver = await collector();
    const home = homeWith({});
    const directories = [project({ tier: 1, endpoint: receiver.endpoint }), project({ tier: 1, endpoint: 'collector' }), project(ELSEWHERE), project()];
    const there = () => [home, ...directories].map((directory) => fs.readdirSync(directory, { recursive: true }));
    const before = there();
    const { code, stdout, stderr } = await run('children/inspect.js', ['inspect', ...directories], { env: { HOME: home } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ states: ['active', 'degraded', 'disabled', 'disabled'], isAccepted: false, threads: [], sockets: 0 });
    expect(there()).toEqual(before);
    expect(receiver.requests).toEqual({ accepted: 0, rejected: 0 });
  });

  (process.platform === 'linux' ? test : test.skip)('has side effects that the check would see, if it were init', async () => {
    const receiver = await collector();
    const directory = project({ tier: 1, endpoint: receiver.endpoint });
    const { code, stdout, stderr } = await run('children/inspect.js', ['init', directory], { env: { HOME: homeWith({}) } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: on(receiver.endpoint, BASIS.loopback) });
    const seen = JSON.parse(stdout);
    expect(seen).toMatchObject({ states: ['active'], isAccepted: true, threads: expect.arrayContaining(['ccxray-export', 'ccxray-worker']) });
    expect(seen.sockets).toBeGreaterThan(0);
  });

  test('does not affect a running exporter', async () => {
    const receiver = await collector();
    const given = { ...options({ tier: 1, endpoint: receiver.endpoint }), home: homeWith({}) };
    addon.init(given);
    addon.record(turn());
    expect(addon.inspect({ ...options(ELSEWHERE), home: given.home })).toMatchObject({ state: 'disabled', asks: { terms: ASKED.terms } });
    expect(addon.status()).toMatchObject({ state: 'active', endpoint: `${receiver.endpoint}/v1/metrics` });
    expect(await addon.flush()).toBe(true);
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
  });

  test('reports the place of a config error', () => {
    const cwd = project('{');
    expect(messageOf(() => addon.inspect({ cwd, home: homeWith({}), env: {} }))).toBe(`${path.join(cwd, PROJECT_FILE)}:1:1: This is not valid JSON. Correct it here.`);
  });

  test.each([
    ['a number', 5, 'This is a number. Use an object.'],
    ['an unknown option', { hoem: '/tmp' }, 'hoem: There is no such option. Use one of cwd, home, env, hostVersion.'],
    ['a getter that throws', throwing('home'), 'home: Reading this throws an error. Use a plain object.'],
    ['a revoked Proxy', revoked(), 'Reading this throws an error. Use a plain object.'],
  ])('rejects %s', (_, given, message) => {
    expect(messageOf(() => addon.inspect(given))).toBe(`options: ${message}`);
  });
});

test.each([
  ['trust', () => addon.trust('')],
  ['untrust', () => addon.untrust('')],
  ['inspect', () => addon.inspect({ cwd: '' })],
  ['initConfig', () => addon.initConfig({ cwd: '', project: ELSEWHERE })],
])('%s rejects an empty directory name', (_, action) => {
  expect(messageOf(action)).toBe("options: cwd: This is empty. Use the path of the project's directory.");
});

describe.each(['trust', 'untrust'])('%s refuses unknown options, and names them', (name) => {
  test.each([
    ['a number', 5], ['a boolean', true], ['a list', ['/tmp']], ['an object', { cwd: '/tmp' }], ['a symbol', Symbol('x')], ['a BigInt', 5n], ['a function', () => '/tmp'],
  ])('%s as the directory', (what, cwd) => {
    expect(messageOf(() => addon[name](cwd))).toBe(`options: cwd: This is ${what}. Use a string.`);
  });

  test.each([
    ['a number as options', 5, 'This is a number. Use an object.'],
    ['a list as options', [], 'This is a list. Use an object.'],
    ['an unknown option', { hoem: '/tmp' }, 'hoem: There is no such option. Use one of cwd, home, env, hostVersion.'],
    ['a number as home', { home: 5 }, 'home: This is a number. Use a string.'],
    ['a number in the environment', { env: { HOME: 5 } }, 'env.HOME: This is a number. Use a string.'],
    ['a getter that throws', throwing('home'), 'home: Reading this throws an error. Use a plain object.'],
    ['a getter that throws in the environment', { env: throwing('HOME') }, 'env.HOME: Reading this throws an error. Use a plain object.'],
    ['a revoked Proxy', revoked(), 'Reading this throws an error. Use a plain object.'],
    ['a circular object', circular('env'), 'env.env: This is an object. Use a string.'],
  ])('%s', (_, given, message) => {
    expect(messageOf(() => addon[name](project(ELSEWHERE), given))).toBe(`options: ${message}`);
  });
});

/** The identities of all received metrics. */
function identities(receiver) {
  return [...new Set(receiver.series().map(({ resource }) => resource['enduser.id']))];
}

function write(directory, otel) {
  fs.writeFileSync(path.join(directory, PROJECT_FILE), JSON.stringify({ otel }));
}
