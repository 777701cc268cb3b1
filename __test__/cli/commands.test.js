'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { call } = require('../../testkit/cli/call');
const { projects, PROJECT_FILE } = require('../../testkit/scratch/projects');
const { sleep } = require('../../testkit/waiting');

const FAR = 'https://otlp.example';
const NEAR = 'http://127.0.0.1:9';
const ASKS = { tier: 1, endpoint: FAR };
const NOBODY_ASKED = 'there is nobody to ask; allow it with --yes\n';

const { project, homeWith } = projects();

/** A home for each test: what is allowed in one does not count in another. */
let home;

beforeEach(() => {
  home = homeWith({});
});

const cli = (argv, cwd, more) => call(argv, { cwd, home, ...more });
const configOf = (directory) => JSON.parse(fs.readFileSync(path.join(directory, PROJECT_FILE), 'utf8')).otel;
const rewrite = (directory, config) => fs.writeFileSync(path.join(directory, PROJECT_FILE), JSON.stringify({ otel: config }));
const trustFile = () => path.join(home, '.ccxray', 'otel-trust.json');

/** A new directory that is a repository, as far as anyone looks. */
function repository(config) {
  const directory = project(config);
  spawnSync('git', ['init', '--quiet', directory]);
  return directory;
}

describe('help', () => {
  test('names every command, and the exit codes', async () => {
    const { code, stdout, stderr } = await cli(['--help'], project());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of ['status', 'check', 'trust', 'untrust', 'init']) expect(stdout).toMatch(new RegExp(`^ {2}${command} +\\w`, 'm'));
    expect(stdout).toMatch(/^Exit codes: 0 .*, 1 .*, 2 .*, 3 .*$/m);
    expect(await cli(['-h'], project())).toEqual({ code, stdout, stderr });
  });

  test.each([
    ['status', ['--json']],
    ['check', []],
    ['trust', ['--yes']],
    ['untrust', []],
    ['init', ['--tier N', '--endpoint URL', '--project NAME', '--team NAME', '--identity NAME', '--personal PLACE', '--yes']],
  ])('of %s names its options', async (command, options) => {
    const { code, stdout } = await cli([command, '-h'], project());
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: ccxray-otel ${command} [DIR]`);
    for (const option of [...options, '--help, -h']) expect(stdout).toContain(`  ${option} `);
  });

  test('tells the version', async () => {
    expect(await cli(['--version'], project())).toEqual({ code: 0, stdout: `${require('../../package.json').version}\n`, stderr: '' });
  });
});

describe('wrong usage is told in one line, with the help', () => {
  test.each([
    [[], 'name a command; see: ccxray-otel --help'],
    [['stauts'], 'unknown command stauts (did you mean status?); see: ccxray-otel --help'],
    [['toString'], /^unknown command toString \(did you mean \w+\?\)/],
    [['--hepl'], 'unknown option --hepl (did you mean --help?); see: ccxray-otel --help'],
    [['status', '--jsno'], 'unknown option --jsno (did you mean --json?); see: ccxray-otel status --help'],
    [['check', '-x'], /^unknown option -x \(did you mean --help\?\)/],
    [['check', '--yes'], /^unknown option --yes /],
    [['trust', '--no-yes'], /^unknown option --no-yes \(did you mean --yes\?\)/],
    [['status', '--json=1'], /^--json takes no value;/],
    [['init', '--endpoint'], /^--endpoint needs a value: --endpoint URL;/],
    [['init', '--endpoint', '--tier', '1'], /^--endpoint needs a value: --endpoint URL;/],
    [['init', '--team', ''], /^--team needs a value: --team NAME;/],
    [['init', '--tier', '3', '--endpoint', NEAR], /^--tier is one of 0, 1, 2, not 3;/],
    [['init', '--personal', 'here'], /^--personal is one of home, project, not here;/],
    [['check', '.', '.'], /^one directory at a time, not \. and \.;/],
    [['check', ''], 'the directory is empty; see: ccxray-otel check --help'],
    [['untrust', ''], 'the directory is empty; see: ccxray-otel untrust --help'],
    [['check', 'gone'], /gone is not a directory; see: ccxray-otel check --help$/],
    [['check', PROJECT_FILE], /\.ccxray\.json is not a directory;/],
    [['init'], 'there is nobody to ask; give --endpoint, --identity or --personal; see: ccxray-otel init --help'],
    [['init', '--tier', '1'], /^there is nobody to ask;/],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await cli(argv, project({}));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    if (typeof message === 'string') expect(stderr).toBe(`${message}\n`);
    else expect(stderr.trimEnd()).toMatch(message);
  });
});

describe('status', () => {
  test('of a project that is off says by whose word', async () => {
    const { code, stdout, stderr } = await cli(['status'], project());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual(['state       disabled', 'reason      no side switched telemetry on', 'tier        0, disabled', 'decided by  default', '']);
  });

  test('of a project that is on tells everything, and where it was said', async () => {
    const cwd = project({ tier: 2, endpoint: NEAR, project: 'shop' });
    const { code, stdout } = await cli(['status'], cwd, { env: { OTEL_METRIC_EXPORT_INTERVAL: '5000' } });
    expect(code).toBe(0);
    for (const line of [
      /^state +active$/m, /^tier +1, anonymous$/m, /^decided by +project file$/m, /^endpoint +http:\/\/127\.0\.0\.1:9\/v1\/metrics$/m, /^trust +nothing leaves this machine$/m,
      /^ {2}compression +gzip +default$/m, /^ {2}interval_seconds +5 +OTEL_METRIC_EXPORT_INTERVAL$/m, /^warnings\n {2}\S.*tier 2.*tier 1 is used$/m,
    ]) expect(stdout).toMatch(line);
    expect(stdout).toMatch(new RegExp(`^  project +shop +${path.join(cwd, PROJECT_FILE)}$`, 'm'));
  });

  test('takes a directory, from where it is called', async () => {
    const cwd = project({ tier: 1, endpoint: NEAR });
    expect((await cli(['status', path.basename(cwd)], path.dirname(cwd))).stdout).toMatch(/^state +active$/m);
  });

  test('as JSON is what the addon says', async () => {
    const { code, stdout } = await cli(['status', '--json'], project({ tier: 1, endpoint: NEAR }));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'active', tier: 1, decidedBy: 'project file', entries: { accepted: 0 }, settings: expect.any(Array) });
  });

  test('of a project that waits for trust says what it asks for, what has changed, and how to allow it', async () => {
    const cwd = project(ASKS);
    const cure = `allow it with: npx @ccxray/otel-native trust ${cwd}`;
    const waits = await cli(['status'], cwd);
    expect(waits).toMatchObject({ code: 0, stderr: '' });
    expect(waits.stdout).toMatch(new RegExp(`^state +disabled\nreason +untrusted: [^\n]+; ${cure}\n`));
    expect(waits.stdout).toContain(`\n\n${cwd} asks for tier 1 to ${FAR}\n\nsettings\n`);
    await cli(['trust', '--yes'], cwd);
    rewrite(cwd, { ...ASKS, names: 'all' });
    const { stdout } = await cli(['status'], cwd);
    expect(stdout).toMatch(new RegExp(`^reason +untrusted: [^\n]+; ${cure}$`, 'm'));
    expect(stdout).toMatch(/\n\n[^\n]+ asks for tier 1 to https:\/\/otlp\.example, [^\n]+\nchanged since you allowed it: names were known, are all\n\nsettings\n/);
    expect(JSON.parse((await cli(['status', '--json'], cwd)).stdout).asks).toMatchObject({ directory: cwd, changes: ['names were known, are all'] });
  });

  test.each([
    ['a broken file', '{', /^[^\n]+\/\.ccxray\.json:1:1: this is not valid JSON; [^\n]+\n$/],
    ['a header that is none', { ...ASKS, headers: { 'x y': 'z' } }, /^[^\n]+\/\.ccxray\.json:1:\d+: otel\.headers[^\n]+\n$/],
  ])('of %s says why in one line, and fails', async (_, config, message) => {
    for (const options of [[], ['--json']]) {
      const { code, stdout, stderr } = await cli(['status', ...options], project(config));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(message);
    }
  });

  test('of a project that should export, and cannot, says why, and fails', async () => {
    const { code, stdout, stderr } = await cli(['status'], project({ tier: 1, endpoint: 'nonsense' }));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^state +degraded\nreason +the endpoint is not an http/);
  });

  test('sends nothing, not even later', async () => {
    const receiver = await startReceiver();
    const before = addon.status();
    try {
      const cwd = project({ tier: 1, endpoint: receiver.endpoint, interval_seconds: 1 });
      for (const argv of [['status'], ['status', '--json'], ['check'], ['trust']]) expect((await cli(argv, cwd)).code).toBe(0);
      // Two intervals.
      await sleep(2200);
      expect(receiver.requests).toEqual({ accepted: 0, rejected: 0 });
      // A command starts nothing in the process that it runs in, and stops nothing there.
      expect(addon.status()).toEqual(before);
    } finally {
      await receiver.close();
    }
  });
});

describe('check', () => {
  test.each([
    ['off', undefined, 'off: no side switched telemetry on'],
    ['on', { tier: 1, endpoint: NEAR }, 'on: tier 1, anonymous, to http://127.0.0.1:9/v1/metrics (nothing leaves this machine)'],
  ])('says in one line that a config can be used: %s', async (_, config, line) => {
    expect(await cli(['check'], project(config))).toEqual({ code: 0, stdout: `${line}\n`, stderr: '' });
  });

  test('says what is wrong with one that cannot, and where', async () => {
    const cwd = project('{\n  "otel": { "teir": 1 }\n}');
    const { code, stdout, stderr } = await cli(['check'], cwd);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\/\.ccxray\.json:2:\d+: otel\.teir: [^\n]+\n$/);
  });

  test.each([
    ['a variable that is not set', { tier: 1, endpoint: 'https://${HOST_OF_MINE}' }, {}, /HOST_OF_MINE is not set/],
    ['a tier that is none', undefined, { CCXRAY_OTEL_TIER: '7' }, /^environment: CCXRAY_OTEL_TIER: /],
    ['an endpoint that is none', { tier: 1, endpoint: 'nonsense' }, {}, /endpoint is not an http/],
  ])('finds %s', async (_, config, env, message) => {
    const { code, stderr } = await cli(['check'], project(config), { env: { CCXRAY_OTEL_TRUST: '1', ...env } });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test('says that a config waits for trust, and how to give it', async () => {
    const cwd = project(ASKS);
    const { code, stdout, stderr } = await cli(['check'], cwd);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toBe(`untrusted: ${cwd}/.ccxray.json asks for tier 1 to ${FAR}; allow it with: npx @ccxray/otel-native trust ${cwd}\n`);
  });
});

describe('trust', () => {
  test('shows what is asked for, allows it with --yes, and says where that is noted', async () => {
    const cwd = project(ASKS);
    expect(await cli(['trust', '--yes'], cwd)).toEqual({
      code: 0,
      stdout: `allowed: tier 1 to ${FAR} (noted in ${trustFile()})\n`,
      stderr: `${cwd} asks for tier 1 to ${FAR}\n`,
    });
    expect((await cli(['check'], cwd)).stdout).toBe(`on: tier 1, anonymous, to ${FAR}/v1/metrics (allowed by you)\n`);
    expect((await cli(['trust'], cwd)).stdout).toBe('nothing to allow: allowed by you\n');
  });

  test('allows nothing where nobody can be asked', async () => {
    const cwd = project(ASKS);
    expect(await cli(['trust'], cwd)).toEqual({ code: 2, stdout: '', stderr: `${cwd} asks for tier 1 to ${FAR}\n${NOBODY_ASKED}` });
    expect(fs.existsSync(trustFile())).toBe(false);
  });

  test('asks nothing where the question would not be seen', async () => {
    const { code, stderr } = await cli(['trust'], project(ASKS), { answers: ['y'], isSeen: false });
    expect(code).toBe(2);
    expect(stderr).toMatch(/there is nobody to ask/);
  });

  test.each(['y', 'Y', ' yes '])('takes %j on a terminal for a yes', async (answer) => {
    const cwd = project(ASKS);
    const { code, stderr } = await cli(['trust'], cwd, { answers: [answer] });
    expect(code).toBe(0);
    expect(stderr).toMatch(/asks for tier 1 to [^\n]+\nAllow this\? \[y\/N\] $/);
    expect((await cli(['check'], cwd)).code).toBe(0);
  });

  test.each([[['n']], [['']], [['yellow']], [['undefined']], [[]]])('takes anything else for a no: %j', async (answers) => {
    const cwd = project(ASKS);
    const { code, stdout, stderr } = await cli(['trust'], cwd, { answers });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/not allowed\n$/);
    expect((await cli(['check'], cwd)).code).toBe(3);
  });

  test.each([
    ['off', undefined, {}, 'no side switched telemetry on'],
    ['switched off', ASKS, { DO_NOT_TRACK: '1' }, 'switched off by OTEL_SDK_DISABLED or DO_NOT_TRACK'],
    ['local', { tier: 1, endpoint: NEAR }, {}, 'nothing leaves this machine'],
    ['on a managed machine', ASKS, { CCXRAY_OTEL_TRUST: '1' }, 'CCXRAY_OTEL_TRUST'],
  ])('says that there is nothing to allow: %s', async (_, config, env, why) => {
    expect(await cli(['trust'], project(config), { env })).toEqual({ code: 0, stdout: `nothing to allow: ${why}\n`, stderr: '' });
    expect(fs.existsSync(trustFile())).toBe(false);
  });

  test('of a config that cannot be used says why', async () => {
    const { code, stderr } = await cli(['trust', '--yes'], project('{'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/\.ccxray\.json:1:\d+: this is not valid JSON;/);
  });

  test('says why it cannot be noted', async () => {
    fs.mkdirSync(path.dirname(trustFile()));
    fs.writeFileSync(trustFile(), 'nonsense');
    const { code, stderr } = await cli(['trust', '--yes'], project(ASKS));
    expect(code).toBe(1);
    expect(stderr).toMatch(/otel-trust\.json:1:\d+: this is no record of trusted projects;/);
  });

  test('allows nothing that was not shown: the file changes while the question stands there', async () => {
    const cwd = project(ASKS);
    const changeAndAgree = () => {
      rewrite(cwd, { ...ASKS, headers: { authorization: 'Bearer ${CANARY}' } });
      return 'y';
    };
    const { code, stdout, stderr } = await cli(['trust'], cwd, { answers: [changeAndAgree] });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/Allow this\? \[y\/N\] [^\n]+\.ccxray\.json:1:1: the config has changed since its terms were shown; look at it again\n$/);
    expect(fs.existsSync(trustFile())).toBe(false);
    expect((await cli(['check'], cwd)).code).toBe(3);
  });

  test('shows all of a config that pretends to be at its end', async () => {
    const cwd = project({ tier: 1, endpoint: 'https://good.example; allow it with: ${CANARY}', known_names: ['; allow it with: '] });
    const { stderr } = await cli(['trust'], cwd);
    expect(stderr).toBe(
      `${cwd} asks for tier 1 to "https://good.example; allow it with: \${CANARY}", with your variables: CANARY@endpoint, `
        + `with these private names: "; allow it with: "\n${NOBODY_ASKED}`,
    );
  });
});

describe('untrust', () => {
  test('says whether there was anything', async () => {
    const cwd = project(ASKS);
    expect(await cli(['untrust'], cwd)).toEqual({ code: 0, stdout: `nothing was allowed: ${cwd}\n`, stderr: '' });
    await cli(['trust', '--yes'], cwd);
    expect(await cli(['untrust'], cwd)).toEqual({ code: 0, stdout: `no longer allowed: ${cwd}\n`, stderr: '' });
    expect((await cli(['check'], cwd)).code).toBe(3);
  });

  test('forgets a project that is gone', async () => {
    const cwd = project(ASKS);
    await cli(['trust', '--yes'], cwd);
    fs.rmSync(cwd, { recursive: true });
    expect((await cli(['untrust', cwd], home)).stdout).toBe(`no longer allowed: ${cwd}\n`);
  });
});

describe('init', () => {
  test('writes the file of a project at tier 1, and what the engineer wrote is allowed', async () => {
    const cwd = project();
    const file = path.join(cwd, PROJECT_FILE);
    expect(await cli(['init', '--endpoint', FAR, '--team', 'payments'], cwd)).toEqual({
      code: 0,
      stdout: `written: ${file}\nallowed: tier 1 to ${FAR} (noted in ${trustFile()})\non: tier 1, anonymous, to ${FAR}/v1/metrics (allowed by you)\n`,
      stderr: '',
    });
    expect(configOf(cwd)).toEqual({ tier: 1, endpoint: FAR, team: 'payments' });
    expect((await cli(['init', '--endpoint', FAR], cwd)).stdout).toMatch(`unchanged: ${file}\n`);
  });

  test('changes no more of a file than it is told', async () => {
    const cwd = project({ tier: 1, endpoint: NEAR, names: 'all' });
    expect((await cli(['init', '--team', 'payments'], cwd)).code).toBe(0);
    expect(configOf(cwd)).toEqual({ tier: 1, endpoint: NEAR, names: 'all', team: 'payments' });
  });

  test.each([
    ['the project', ['--tier', '2', '--endpoint', NEAR], { tier: 2, endpoint: NEAR }, {}],
    ['the engineer', ['--tier', '2', '--identity', 'ada'], undefined, { tier: 2, identity: 'ada' }],
    ['the engineer, at home', ['--tier', '0', '--personal', 'home'], undefined, { tier: 0 }],
    ['both', ['--tier', '2', '--endpoint', NEAR, '--identity', 'ada'], { tier: 2, endpoint: NEAR }, { tier: 2, identity: 'ada' }],
  ])('writes the tier for %s', async (_, options, shared, own) => {
    const cwd = project();
    await cli(['init', ...options], cwd, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: NEAR } });
    expect(fs.existsSync(path.join(cwd, PROJECT_FILE)) ? configOf(cwd) : undefined).toEqual(shared);
    expect(JSON.parse(fs.readFileSync(path.join(home, '.ccxray.user.json'), 'utf8')).otel).toMatchObject(own);
  });

  test('asks on a terminal for what is left out, and suggests an answer', async () => {
    const cwd = project();
    const { code, stderr } = await cli(['init'], cwd, { answers: ['', '2', ''] });
    expect(code).toBe(0);
    expect(stderr).toBe(`Where do the numbers go? [http://127.0.0.1:4318] How much may leave (0 nothing, 1 anonymous, 2 named)? [1] What is the project called? [${path.basename(cwd)}] `);
    expect(configOf(cwd)).toEqual({ tier: 2, endpoint: 'http://127.0.0.1:4318', project: path.basename(cwd) });
  });

  test('asks only for what is left out, and leaves a file as it is where there is no answer', async () => {
    const cwd = project({ tier: 1, endpoint: NEAR });
    const { code, stderr } = await cli(['init', '--tier', '0'], cwd, { answers: ['', ' shop '] });
    expect(code).toBe(0);
    expect(stderr).toBe('Where do the numbers go? [as it is] What is the project called? [as it is] ');
    expect(configOf(cwd)).toEqual({ tier: 0, endpoint: NEAR, project: 'shop' });
  });

  test('suggests the name of the repository, to whose root the file goes', async () => {
    const root = repository();
    const below = path.join(root, 'src');
    fs.mkdirSync(below);
    await cli(['init'], below, { answers: ['', '', ''] });
    expect(configOf(root)).toMatchObject({ project: path.basename(root) });
  });

  test.each([
    [['', '9'], /^--tier is one of 0, 1, 2, not 9;/m],
    [[''], /there was no answer, so nothing is written/],
  ])('writes nothing after the answers %j', async (answers, message) => {
    const cwd = project();
    const { code, stderr } = await cli(['init'], cwd, { answers });
    expect(code).toBe(2);
    expect(stderr.replace(/^.*\] /, '')).toMatch(message);
    expect(fs.readdirSync(cwd)).toEqual([]);
  });

  test('writes nothing beside what it is for without being allowed', async () => {
    const cwd = repository();
    const init = ['init', '--personal', 'project', '--tier', '0'];
    const refused = await cli(init, cwd);
    expect(refused).toEqual({ code: 2, stdout: '', stderr: `add .ccxray.user.json to ${cwd}/.gitignore\n${NOBODY_ASKED}` });
    expect((await cli(init, cwd, { answers: ['no'] })).code).toBe(2);
    expect(fs.readdirSync(cwd)).toEqual(['.git']);
    expect((await cli(init, cwd, { answers: ['yes'] })).code).toBe(0);
    expect(fs.readFileSync(path.join(cwd, '.gitignore'), 'utf8')).toBe('.ccxray.user.json\n');
    const another = repository();
    expect((await cli([...init, '--yes'], another)).stdout).toBe(`written: ${another}/.gitignore\nwritten: ${another}/.ccxray.user.json\noff: switched off by personal file\n`);
  });

  test('refuses what would be no usable config, and writes nothing', async () => {
    const cwd = project();
    const { code, stderr } = await cli(['init', '--endpoint', 'https://${'], cwd);
    expect(code).toBe(1);
    expect(stderr).toMatch(/otel\.endpoint: `\$\{` without `\}`;/);
    expect(fs.readdirSync(cwd)).toEqual([]);
  });

  describe('asks before it allows what stood in the file already', () => {
    const theirs = { tier: 1, endpoint: FAR, headers: { authorization: 'Bearer ${CANARY}' } };
    const terms = `tier 1 to ${FAR}, with headers: "authorization=Bearer \${CANARY}", with your variables: CANARY@headers.authorization`;
    const env = { CANARY: 'x' };

    test.each([
      ['when it was asked for already', theirs, ['--team', 'payments']],
      ['when the engineer sets nothing but their own tier', theirs, ['--personal', 'home', '--tier', '1']],
      ['when that switches it on', { ...theirs, tier: undefined }, ['--tier', '1', '--team', 'payments']],
    ])('%s', async (_, config, options) => {
      const cwd = project(config);
      const asked = `allow what the config in ${cwd} asks for: ${terms}\n`;
      expect(await cli(['init', ...options], cwd, { env })).toEqual({ code: 2, stdout: '', stderr: `${asked}${NOBODY_ASKED}` });
      expect(await cli(['init', ...options], cwd, { env, answers: ['n'] })).toEqual({ code: 2, stdout: '', stderr: `${asked}Allow this? [y/N] not allowed\n` });
      expect(configOf(cwd)).toEqual(JSON.parse(JSON.stringify(config)));
      expect(fs.existsSync(trustFile())).toBe(false);
      const { code, stdout, stderr } = await cli(['init', ...options, '--yes'], cwd, { env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: asked });
      expect(stdout).toContain(`allowed: ${terms} (noted in ${trustFile()})\non: `);
    });

    test('unless it is allowed already', async () => {
      const cwd = project(theirs);
      await cli(['trust', '--yes'], cwd, { env });
      expect(await cli(['init', '--team', 'payments'], cwd, { env })).toMatchObject({ code: 0, stderr: '' });
    });

    test('and allows nothing that was not shown: the file changes while the question stands there', async () => {
      const cwd = project(theirs);
      const changeAndAgree = () => {
        rewrite(cwd, { ...theirs, names: 'all' });
        return 'y';
      };
      const { code, stdout, stderr } = await cli(['init', '--team', 'payments'], cwd, { env, answers: [changeAndAgree] });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/the config has changed while you were asked/);
      expect(configOf(cwd).team).toBeUndefined();
      expect(fs.existsSync(trustFile())).toBe(false);
    });
  });
});

test('nothing that a stranger wrote moves the cursor, hides, or turns letters round', async () => {
  const cwd = path.join(project(), 'a\u001b[31mb\u202e');
  fs.mkdirSync(cwd);
  rewrite(cwd, { ...ASKS, project: 'c\u001b]0;d\u0007\u009b', known_names: ['e\u200b\u001b[2J'] });
  const said = [];
  for (const argv of [['check'], ['trust', '--yes'], ['status'], ['status', '--json'], ['init', '--team', '\u001b[5m'], ['untrust'], ['\u001b[5m'], ['check', '--\u001b[5m']]) {
    const { stdout, stderr } = await cli(argv, cwd);
    said.push(stdout, stderr);
  }
  expect(said.join('')).toContain('\ufffd[31mb');
  expect(said.join('').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u200b\u202e]/u);
});
