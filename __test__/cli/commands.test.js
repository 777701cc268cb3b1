'use strict';

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { approved, asked, MORE, NOT_A_TERMINAL } = require('../../testkit/cli/approval');
const { call } = require('../../testkit/cli/call');
const { asks, reads, untrusted } = require('../../testkit/notice');
const { projects, PROJECT_FILE } = require('../../testkit/scratch/projects');
const { sleep } = require('../../testkit/waiting');

const FAR = 'https://otlp.example';
const NEAR = 'http://127.0.0.1:9';
const ASKS = { tier: 1, endpoint: FAR };
const TERMS = asks(FAR);
/** How messages name the command, so that no other program of that name runs. */
const PROGRAM = `${process.execPath} ${path.join(__dirname, '..', '..', 'cli.js')}`;

const { project, homeWith } = projects();

/** A home for each test: an approval in one does not count in another. */
let home;

beforeEach(() => {
  home = homeWith({});
});

const cli = (argv, cwd, more) => call(argv, { cwd, home, ...more });
const rewrite = (directory, config) => fs.writeFileSync(path.join(directory, PROJECT_FILE), JSON.stringify({ otel: config }));
const trustFile = () => path.join(home, '.ccxray', 'otel-trust.json');

/** Without the line breaks that fit a text into 80 columns. */
const unwrapped = (text) => text.replaceAll(/\s+/g, ' ');

describe('help', () => {
  test('names every command, and the exit codes', async () => {
    const { code, stdout, stderr } = await cli(['--help'], project());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of ['status', 'check', 'trust', 'untrust', 'init', 'completion']) expect(stdout).toMatch(new RegExp(`^ {2}${command} +\\w`, 'm'));
    expect(stdout).toMatch(/^Exit codes:\n {2}0 {2}\w.*\n {2}1 {2}\w.*\n {2}2 {2}\w.*\n {2}3 {2}\w.*\n {2}4 {2}\w.*\n {2}5 {2}\w.*\n$/m);
    expect(await cli(['-h'], project())).toEqual({ code, stdout, stderr });
  });

  test.each([
    ['status', []],
    ['check', ['--connect', '--point']],
    ['trust', ['--yes']],
    ['untrust', []],
    ['init', ['--backend NAME', "--header 'NAME=VALUE'", '--tier N', '--endpoint URL', '--project NAME', '--team NAME', '--identity NAME', '--personal PLACE', '--yes']],
  ])('of %s names its options', async (command, options) => {
    const { code, stdout } = await cli([command, '-h'], project());
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: ccxray-otel ${command} [DIR]`);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    for (const option of [...options, '--json', '--no-color', '--help, -h']) expect(stdout).toContain(`  ${option} `);
  });

  test('prints the version', async () => {
    expect(await cli(['--version'], project())).toEqual({ code: 0, stdout: `${require('../../package.json').version}\n`, stderr: '' });
  });
});

test('an option of every command, and help, can stand before the command', async () => {
  const cwd = project();
  expect(await cli(['--json', 'check'], cwd)).toEqual(await cli(['check', '--json'], cwd));
  expect((await cli(['--no-color', 'status'], cwd)).stdout).toMatch(/^Telemetry is off/);
  expect(await cli(['help', 'status'], cwd)).toEqual(await cli(['status', '--help'], cwd));
});

describe('wrong usage is reported in one line', () => {
  test.each([
    [[], 'No command given. See: ccxray-otel --help'],
    [['stauts'], 'Unknown command stauts. Did you mean status? See: ccxray-otel --help'],
    [['stat'], 'Unknown command stat. Did you mean status? See: ccxray-otel --help'],
    [['toString'], 'Unknown command toString. See: ccxray-otel --help'],
    [['--hepl'], 'Unknown option --hepl. Did you mean --help? See: ccxray-otel --help'],
    [['status', '--jsno'], 'Unknown option --jsno. Did you mean --json? See: ccxray-otel status --help'],
    [['check', '-x'], 'Unknown option -x. See: ccxray-otel check --help'],
    [['check', '--toString'], 'Unknown option --toString. See: ccxray-otel check --help'],
    [['check', '--yes'], 'Unknown option --yes. See: ccxray-otel check --help'],
    [['trust', '--no-yes'], 'Unknown option --no-yes. Did you mean --yes? See: ccxray-otel trust --help'],
    [['status', '--json=1'], '--json takes no value. See: ccxray-otel status --help'],
    [['init', '--endpoint'], '--endpoint needs a value: --endpoint URL. See: ccxray-otel init --help'],
    [['init', '--endpoint', '--tier', '1'], '--endpoint needs a value: --endpoint URL. See: ccxray-otel init --help'],
    [['init', '--team', '-1'], '--team needs a value: --team NAME. See: ccxray-otel init --help'],
    [['init', '--team', ''], '--team needs a value: --team NAME. See: ccxray-otel init --help'],
    [['init', '--tier', '3', '--endpoint', NEAR], '--tier: "3" is not a tier. Use 0, 1 or 2. See: ccxray-otel init --help'],
    [['init', '--personal', 'here'], '--personal: "here" is not a place. Use home or project. See: ccxray-otel init --help'],
    [['check', '.', '.'], 'More than one directory: "." and ".". See: ccxray-otel check --help'],
    [['check', ''], 'The directory is empty. See: ccxray-otel check --help'],
    [['untrust', ''], 'The directory is empty. See: ccxray-otel untrust --help'],
    [['check', 'gone'], /gone is not a directory\. See: ccxray-otel check --help$/],
    [['check', PROJECT_FILE], /\.ccxray\.json is not a directory\. See: ccxray-otel check --help$/],
    [['check', 'Bearer sk-ant-0123456789abcdef'], 'The directory looks like a secret. Is a quote or the name of an option missing? See: ccxray-otel check --help'],
    [['init', '--tier', 'sk-ant-0123456789abcdef'], '--tier: "***" is not a tier. Use 0, 1 or 2. See: ccxray-otel init --help'],
    [['init', '--tier', '2', '--endpoint', NEAR], 'Tier 2 sends a name that you choose. Add --identity NAME. See: ccxray-otel init --help'],
    [['init', '--backend', 'splunk'], /^--backend: "splunk" is not a known backend\. Use collector, prometheus, .* or dynatrace\. /],
    [['init', '--backend', 'grafana-cloud'], '--backend grafana-cloud also needs --endpoint https://otlp-gateway-ZONE.grafana.net/otlp, with your ZONE. See: ccxray-otel init --help'],
    [['init', '--endpoint', NEAR, '--header', 'authorization: Bearer'], /^--header has no "="\. Write it like 'authorization=Bearer \$\{TOKEN\}', in single quotes\. /],
    [['completion'], 'Which shell? One of bash, zsh, fish. See: ccxray-otel completion --help'],
    [['completion', 'fisch'], 'Unknown shell fisch. Did you mean fish? See: ccxray-otel completion --help'],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await cli(argv, project({}));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    if (typeof message === 'string') expect(stderr).toBe(`${message}\n`);
    else expect(stderr.trimEnd()).toMatch(message);
  });
});

describe('status', () => {
  test('shows what turned a project off', async () => {
    const { code, stdout, stderr } = await cli(['status'], project());
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^Telemetry is off: no config file turns it on\. To start: ccxray-otel init\n\nrunning\n {2}no process\n\nconfigured\n {2}state {4}disabled\n/);
    expect(stdout).toMatch(/^ {2}tier {5}0, disabled \(default\)$/m);
  });

  test('shows each setting and its source', async () => {
    const cwd = project({ tier: 2, endpoint: NEAR, project: 'shop' });
    const { code, stdout } = await cli(['status'], cwd, { env: { OTEL_METRIC_EXPORT_INTERVAL: '5000', CCXRAY_OTEL_TRUST: '1' } });
    expect(code).toBe(0);
    for (const line of [
      /^Telemetry is on \(tier 1, anonymous\)\. No process is running: start ccxray\.$/m, /^ {2}tier +1, anonymous \(project file\)$/m, /^ {2}endpoint +http:\/\/127\.0\.0\.1:9\/v1\/metrics$/m, /^ {2}consent +CCXRAY_OTEL_TRUST$/m,
      /^ {2}temporality +cumulative \(default\)$/m, /^ {2}compression +gzip \(default\)$/m, /^ {2}interval_seconds +5 \(OTEL_METRIC_EXPORT_INTERVAL\)$/m,
    ]) expect(stdout).toMatch(line);
    expect(unwrapped(stdout)).toMatch(/warnings The project allows tier 2, but you have not chosen it\. Using tier 1\. To choose: ccxray-otel init --tier 2 --identity NAME /);
    expect(unwrapped(stdout)).toMatch(new RegExp(` project shop \\(${path.join(cwd, PROJECT_FILE)}\\)`));
  });

  test('accepts a relative directory', async () => {
    const cwd = project({ tier: 1, endpoint: NEAR });
    expect((await cli(['status', path.basename(cwd)], path.dirname(cwd))).stdout).toMatch(/^ {2}state +active$/m);
  });

  test('as JSON is what the addon returns', async () => {
    const { code, stdout } = await cli(['status', '--json'], project({ tier: 1, endpoint: NEAR }));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'active', tier: 1, decidedBy: 'project file', entries: { accepted: 0 }, settings: expect.any(Array) });
  });

  test('shows what waits for approval, and the cure', async () => {
    const cwd = project(ASKS);
    const waits = await cli(['status'], cwd);
    expect(waits).toMatchObject({ code: 3, stderr: '' });
    expect(waits.stdout).toMatch(/^Telemetry is off because you have not approved it yet\.\n/);
    expect(waits.stdout).toContain(`\n\n${asked(cwd, TERMS)}To approve: ${PROGRAM} trust ${cwd}\n\nsettings\n  tier  1 (${path.join(cwd, PROJECT_FILE)})\n`);
    await cli(['trust', '--yes'], cwd);
    const trusted = await cli(['status'], cwd);
    expect(trusted).toMatchObject({ code: 0, stderr: '' });
    expect(trusted.stdout).toMatch(/^ {2}consent +approved by you\n {2}approved +\d{4}-\d\d-\d\dT[\d:]+Z\n +Send: anonymous numbers \(tier 1\)$/m);
    rewrite(cwd, { ...ASKS, names: 'all' });
    const { stdout } = await cli(['status'], cwd);
    const change = '"names" was known and is now all';
    const terms = asks(FAR, ['It will send the private names of tools, servers, skills, agents and models']);
    expect(unwrapped(stdout)).toContain(unwrapped(`\n\n${asked(cwd, terms, [change])}To approve: `));
    expect(JSON.parse((await cli(['status', '--json'], cwd)).stdout).asks).toMatchObject({ directory: cwd, terms: terms.terms, changes: [change] });
  });

  test.each([
    ['a broken file', '{', /^[^\n]+\/\.ccxray\.json:1:1: This is not valid JSON\. [^\n]+\n$/],
    ['an invalid header', { ...ASKS, headers: { 'x y': 'z' } }, /^[^\n]+\/\.ccxray\.json:1:\d+: otel\.headers[^\n]+\n$/],
  ])('fails for %s', async (_, config, message) => {
    const cwd = project(config);
    const { code, stdout, stderr } = await cli(['status'], cwd);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    const json = await cli(['status', '--json'], cwd);
    expect(json).toMatchObject({ code: 1, stderr: '' });
    const { error } = JSON.parse(json.stdout);
    expect(error).toMatchObject({ code: 'CCXRAY_OTEL_CONFIG', file: path.join(cwd, PROJECT_FILE), line: 1, column: expect.any(Number), message: stderr.trimEnd() });
    expect(error.message).toContain(error.fix);
  });

  test('fails if the project cannot export', async () => {
    const { code, stdout, stderr } = await cli(['status'], project({ tier: 1, endpoint: 'nonsense' }));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(unwrapped(stdout)).toMatch(/^\S+\.ccxray\.json:1:\d+: The endpoint has no http.* state degraded reason /);
  });

  test('sends nothing, not even later', async () => {
    const receiver = await startReceiver();
    const before = addon.status();
    try {
      const cwd = project({ tier: 1, endpoint: receiver.endpoint });
      const env = { OTEL_METRIC_EXPORT_INTERVAL: '1000' };
      for (const argv of [['status'], ['status', '--json'], ['check'], ['trust']]) expect((await cli(argv, cwd, { env })).code).toBe(0);
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
    ['off', 1, undefined, 'Telemetry is off: no config file turns it on. To start: ccxray-otel init'],
    ['on', 0, { tier: 1, endpoint: NEAR }, 'Telemetry is on (tier 1, anonymous). It sends to http://127.0.0.1:9/v1/metrics (anonymous numbers to a receiver on this machine, which may forward them).'],
  ])('reports a usable config: %s', async (_, code, config, line) => {
    expect(await cli(['check'], project(config))).toEqual({ code, stdout: `${line}\n`, stderr: '' });
  });

  test('reports what is wrong and where', async () => {
    const cwd = project('{\n  "otel": { "teir": 1 }\n}');
    const { code, stdout, stderr } = await cli(['check'], cwd);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\/\.ccxray\.json:2:\d+: otel\.teir: [^\n]+\n$/);
  });

  test.each([
    ['a variable that is not set', { tier: 1, endpoint: 'https://${HOST_OF_MINE}' }, {}, /HOST_OF_MINE is not set/],
    ['an invalid tier', undefined, { CCXRAY_OTEL_TIER: '7' }, /^environment: CCXRAY_OTEL_TIER: /],
    ['an invalid endpoint', { tier: 1, endpoint: 'nonsense' }, {}, / The endpoint has no http/],
  ])('finds %s', async (_, config, env, message) => {
    const { code, stderr } = await cli(['check'], project(config), { env: { CCXRAY_OTEL_TRUST: '1', ...env } });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test('reports a config that waits for approval', async () => {
    const cwd = project(ASKS);
    const { code, stdout, stderr } = await cli(['check'], cwd);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toBe(`${untrusted(cwd, TERMS)}\n`);
  });
});

describe('trust', () => {
  test('approves what it shows with --yes', async () => {
    const cwd = project(ASKS);
    expect(await cli(['trust', '--yes'], cwd)).toEqual({ code: 0, stdout: approved(cwd, TERMS, home), stderr: asked(cwd, TERMS) });
    expect((await cli(['check'], cwd)).stdout).toBe(`Telemetry is on (tier 1, anonymous). It sends to ${FAR}/v1/metrics (approved by you).\n`);
    expect((await cli(['trust'], cwd)).stdout).toBe('Nothing to approve: approved by you.\n');
  });

  test('approves nothing without a terminal', async () => {
    const cwd = project(ASKS);
    expect(await cli(['trust'], cwd)).toEqual({ code: 4, stdout: '', stderr: `${asked(cwd, TERMS)}${NOT_A_TERMINAL}` });
    expect(fs.existsSync(trustFile())).toBe(false);
  });

  test('asks nothing on an invisible terminal', async () => {
    const { code, stderr } = await cli(['trust'], project(ASKS), { answers: ['y'], isSeen: false });
    expect(code).toBe(4);
    expect(stderr).toMatch(/Not a terminal, so I cannot ask/);
  });

  test.each(['y', 'Y', ' yes '])('accepts %j on a terminal as a yes', async (answer) => {
    const cwd = project(ASKS);
    const { code, stderr } = await cli(['trust'], cwd, { answers: [answer] });
    expect(code).toBe(0);
    expect(stderr).toBe(`${asked(cwd, TERMS)}${MORE}Approve? [y/N] `);
    expect((await cli(['check'], cwd)).code).toBe(0);
  });

  test.each([[['n']], [['']], [['yellow']], [['undefined']], [[]]])('accepts anything else as a no: %j', async (answers) => {
    const cwd = project(ASKS);
    const { code, stdout, stderr } = await cli(['trust'], cwd, { answers });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/Not approved\.\n$/);
    expect((await cli(['check'], cwd)).code).toBe(3);
  });

  test.each([
    ['off', undefined, {}, 1, '. Telemetry is off: no config file turns it on. To start: ccxray-otel init'],
    ['turned off', ASKS, { DO_NOT_TRACK: '1' }, 1, '. Telemetry is off: DO_NOT_TRACK is set. To allow it: unset DO_NOT_TRACK'],
    ['local', { tier: 1, endpoint: NEAR }, {}, 0, ': anonymous numbers to a receiver on this machine, which may forward them.'],
    ['on a managed machine', ASKS, { CCXRAY_OTEL_TRUST: '1' }, 0, ': CCXRAY_OTEL_TRUST.'],
  ])('reports that there is nothing to approve: %s', async (_, config, env, code, why) => {
    expect(await cli(['trust'], project(config), { env })).toEqual({ code, stdout: `Nothing to approve${why}\n`, stderr: '' });
    expect(fs.existsSync(trustFile())).toBe(false);
  });

  test('prints JSON', async () => {
    const cwd = project(ASKS);
    const refused = await cli(['trust', '--json'], cwd);
    expect(refused.code).toBe(4);
    expect(JSON.parse(refused.stdout)).toEqual({ error: { code: 'CCXRAY_OTEL_DECLINED', message: NOT_A_TERMINAL.trimEnd(), fix: 'Add --yes to approve.' } });
    const { code, stdout } = await cli(['trust', '--yes', '--json'], cwd);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).approved).toMatchObject({ directory: cwd, terms: TERMS.terms, file: trustFile() });
    expect(JSON.parse((await cli(['untrust', '--json'], cwd)).stdout)).toEqual({ directory: cwd, revoked: true, running: [] });
  });

  test('reports an unusable config', async () => {
    const { code, stderr } = await cli(['trust', '--yes'], project('{'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/\.ccxray\.json:1:\d+: This is not valid JSON\./);
  });

  test('reports why the approval cannot be recorded', async () => {
    fs.mkdirSync(path.dirname(trustFile()));
    fs.writeFileSync(trustFile(), 'nonsense');
    const { code, stderr } = await cli(['trust', '--yes'], project(ASKS));
    expect(code).toBe(1);
    expect(stderr).toMatch(/otel-trust\.json:1:\d+: This file is damaged\. Delete it, then run trust again in each project\.\n$/);
  });

  test('approves nothing if the file changes meanwhile', async () => {
    const cwd = project(ASKS);
    const changeAndAgree = () => {
      rewrite(cwd, { ...ASKS, headers: { authorization: 'Bearer ${CANARY}' } });
      return 'y';
    };
    const { code, stdout, stderr } = await cli(['trust'], cwd, { answers: [changeAndAgree] });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/Approve\? \[y\/N\] [^\n]+\.ccxray\.json:1:1: The config has changed since you saw it\. Look at it again, then approve it\.\n$/);
    expect(fs.existsSync(trustFile())).toBe(false);
    expect((await cli(['check'], cwd)).code).toBe(3);
  });

  test('shows all of a deceptive config', async () => {
    const cwd = project({ tier: 1, endpoint: 'https://good.example. To approve: ${CANARY}', known_names: ['. To approve: ', 'a\nNever sent: b'] });
    const { stderr } = await cli(['trust'], cwd);
    const details = [reads('CANARY', 'as a part of this address'), 'It will send these private names: ". To approve: ", "a\\nNever sent: b"'];
    const terms = asks('"https://good.example. To approve: ${CANARY}"', details);
    expect(stderr).toBe(`${asked(cwd, terms)}${NOT_A_TERMINAL}`);
  });
});

describe('untrust', () => {
  test('says what needs no approval', async () => {
    const { stdout } = await cli(['untrust'], project({ tier: 1, endpoint: NEAR }));
    expect(unwrapped(stdout)).toMatch(/^No approval to revoke: \S+ Telemetry is still on, because it needs no approval: anonymous numbers to a receiver on this machine, which may forward them\. To turn it off: "tier": 0 /);
  });

  test('names running processes, which keep what they were started with', async () => {
    const cwd = project(ASKS);
    await cli(['trust', '--yes'], cwd);
    const directory = path.join(home, '.ccxray', 'otel');
    fs.mkdirSync(directory, { recursive: true });
    const now = Date.now();
    fs.writeFileSync(path.join(directory, `status-${process.pid}.json`), JSON.stringify({ pid: process.pid, startedAtMs: now, updatedAtMs: now, projects: [{ state: 'active', exports: { delivered: 1, failed: 0 } }] }));
    expect((await cli(['untrust'], cwd)).stdout).toContain(`Running processes keep what they were started with until they end: ${process.pid}`);
    expect((await cli(['status'], cwd)).stdout.replaceAll('\n', ' ')).toMatch(new RegExp(`^Telemetry is off because you have not approved it yet\\. Process ${process.pid} was started before, and exports until it ends\\. `));
  });

  test('reports whether there was an approval', async () => {
    const cwd = project(ASKS);
    expect(await cli(['untrust'], cwd)).toEqual({ code: 0, stdout: `No approval to revoke: ${cwd}\n`, stderr: '' });
    await cli(['trust', '--yes'], cwd);
    expect(await cli(['untrust'], cwd)).toEqual({ code: 0, stdout: `Approval revoked: ${cwd}\n`, stderr: '' });
    expect((await cli(['check'], cwd)).code).toBe(3);
  });

  test('works for a deleted project', async () => {
    const cwd = project(ASKS);
    await cli(['trust', '--yes'], cwd);
    fs.rmSync(cwd, { recursive: true });
    expect((await cli(['untrust', cwd], home)).stdout).toBe(`Approval revoked: ${cwd}\n`);
  });
});

test('foreign text cannot control the terminal', async () => {
  const cwd = path.join(project(), 'a\u001b[31mb\u202e');
  fs.mkdirSync(cwd);
  rewrite(cwd, { ...ASKS, project: 'c\u001b]0;d\u0007\u009b', known_names: ['e\u200b\u001b[2J'] });
  const printed = [];
  for (const argv of [['check'], ['trust', '--yes'], ['status'], ['status', '--json'], ['init', '--team', '\u001b[5m'], ['untrust'], ['\u001b[5m'], ['check', '--\u001b[5m']]) {
    const { stdout, stderr } = await cli(argv, cwd);
    printed.push(stdout, stderr);
  }
  expect(printed.join('')).toContain('\ufffd[31mb');
  expect(printed.join('').replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
});
