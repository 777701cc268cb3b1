'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { PassThrough, Writable } = require('node:stream');

const { command } = require('../../host/command');
const { hostProgram } = require('../../host/program');
const { line, logOf } = require('../../testkit/drift/log-file');
const { hasTerminal, onTerminal } = require('../../testkit/cli/terminal');
const { projects } = require('../../testkit/scratch/projects');

const FAR = 'https://otlp.example';
const NEAR = 'http://127.0.0.1:9';
/** How this test process would be started again. */
const NAME = hostProgram(process);
/** A script in the role of the host's. */
const SCRIPT = `require(${JSON.stringify(path.join(__dirname, '../../host/command'))}).command(process.argv.slice(2)).then((code) => { process.exitCode = code; });`;

const { project, homeWith } = projects();

/** Runs a command in this process. */
async function run(argv, { cwd, home, env = {}, ...more }) {
  const output = { stdout: '', stderr: '' };
  const stream = (name) => new Writable({
    write(text, _, done) {
      output[name] += text;
      done();
    },
  });
  const io = { stdin: new PassThrough(), stdout: stream('stdout'), stderr: stream('stderr'), env: { HOME: home, ...env }, cwd, ...more };
  return { code: await command(argv, io), ...output };
}

/** A host's script with this name in a directory of its own. */
function hostScript(...names) {
  const file = path.join(project(), ...names);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, SCRIPT);
  return file;
}

/** The same, where nothing is configured. */
function usage(argv) {
  return run(argv, { cwd: project(), home: homeWith({}) });
}

describe('the commands of the host', () => {
  let home;

  beforeEach(() => {
    home = homeWith({});
  });

  test('check, approve and revoke a project', async () => {
    const cwd = project({ enabled: true, tier: 1, endpoint: FAR });
    expect(await run(['otel', 'check'], { cwd, home })).toMatchObject({ code: 3, stdout: '', stderr: expect.stringMatching(/^untrusted: /) });
    expect(await run(['otel', 'trust'], { cwd, home })).toMatchObject({ code: 4, stderr: expect.stringMatching(/Not a terminal, so I cannot ask\. Add --yes to approve\.\n$/) });
    expect(await run(['otel', 'trust', '--yes'], { cwd, home })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Approved for /) });
    expect(await run(['otel', 'check'], { home, cwd: () => cwd })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Telemetry is on \(tier 1, anonymous\)/) });
    expect(await run(['otel', 'untrust', cwd], { cwd: home, home })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Approval revoked: /) });
  });

  test('write a config', async () => {
    const cwd = project();
    expect(await run(['otel', 'init', '--endpoint', NEAR, '--project', 'shop'], { cwd, home })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Written: .*\.ccxray\.json$/m) });
    expect(JSON.parse(fs.readFileSync(path.join(cwd, '.ccxray.json'), 'utf8')).otel).toMatchObject({ endpoint: NEAR, project: 'shop' });
  });

  test.each([
    [['status', '--otel']],
    [['status', '--json', '--otel']],
    [['otel', 'status']],
  ])('show the state of a running hub: %j', async (argv) => {
    const directory = path.join(home, '.ccxray', 'otel');
    fs.mkdirSync(directory, { recursive: true });
    const now = Date.now();
    const running = { project: 'shop', state: 'active', exports: { delivered: 4, failed: 1 } };
    fs.writeFileSync(path.join(directory, `status-${process.pid}.json`), JSON.stringify({ pid: process.pid, startedAtMs: now, updatedAtMs: now, projects: [running] }));
    const { code, stdout, stderr } = await run(argv, { cwd: project(), home });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    if (argv.includes('--json')) expect(JSON.parse(stdout).running).toMatchObject([{ pid: process.pid, projects: [running] }]);
    else expect(stdout).toMatch(new RegExp(`^running\n  process ${process.pid}, project shop: active \\(\\d s ago\\)\n    exports  4 delivered, 1 failed since the start$`, 'm'));
  });

  test('report what was not recognised, and name the command that prints an issue', async () => {
    logOf(home).put([line('acme_deploy', { count: 2 })]);
    for (const words of [['parser', 'report'], ['otel', 'report']]) {
      const { code, stdout, stderr } = await run(words, { cwd: project(), home });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^tool: 2 times/m);
      expect(stdout).toContain(`\n  ${NAME} ${words.join(' ')} --issue\n`);
    }
  });
});

describe('usage', () => {
  const SEE = `See: ${NAME} otel --help\n`;

  test.each([
    [[], `No command given. ${SEE}`],
    [undefined, `No command given. ${SEE}`],
    [['otel'], `No command given. ${SEE}`],
    [['otel', 'trsut'], `Unknown command otel trsut. Did you mean otel trust? ${SEE}`],
    [['parser'], `Unknown command parser. Did you mean parser report? ${SEE}`],
    [['parser', 'toString'], `Unknown command parser toString. Did you mean parser report? ${SEE}`],
    [['otel', '--hepl'], `Unknown option --hepl. Did you mean --help? ${SEE}`],
    [['otel', 'trust', '--no'], new RegExp(`^Unknown option --no\\..* See: ${NAME} otel trust --help\n$`)],
    [['status', '--otel', '--jsno'], `Unknown option --jsno. Did you mean --json? See: ${NAME} status --otel --help\n`],
  ])('%j is reported in one line', async (argv, stderr) => {
    expect(await usage(argv)).toEqual({ code: 2, stdout: '', stderr: typeof stderr === 'string' ? stderr : expect.stringMatching(stderr) });
  });

  test('the help lists the commands as the user writes them', async () => {
    const { code, stdout, stderr } = await usage(['otel', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: ${NAME} COMMAND [DIR] [options]\n`);
    for (const name of ['status --otel', 'otel check', 'otel init', 'otel trust', 'otel untrust', 'parser report']) expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\w`, 'm'));
    expect(stdout).not.toContain('ccxray-otel');
    for (const argv of [['otel', '-h'], ['otel', 'help'], ['parser', '--help']]) expect(await usage(argv)).toEqual({ code, stdout, stderr });
    expect(await usage(['status', '--otel', '-h'])).toMatchObject({ code: 0, stdout: expect.stringMatching(`^Usage: ${NAME} status --otel \\[DIR\\] \\[options\\]\n`) });
    expect(await usage(['otel', '--version'])).toMatchObject({ code: 0, stdout: `${require('../../package.json').version}\n` });
  });

  test('a command of another version is reported with those that there are', async () => {
    jest.resetModules();
    jest.doMock('../../cli/commands', () => ({ trust: jest.requireActual('../../cli/commands').trust }));
    const { command: older } = require('../../host/command');
    let stderr = '';
    const stream = new Writable({ write(text, _, done) { stderr += text; done(); } });
    expect(await older(['otel', 'preview'], { stderr: stream })).toBe(64);
    expect(stderr).toBe(`${NAME} otel preview is not part of this version. There are:\n  ${NAME} otel trust\n`);
    jest.dontMock('../../cli/commands');
  });

  test('a defect is reported with its stack, and not thrown', async () => {
    let stderr = '';
    const stream = new Writable({ write(text, _, done) { stderr += text; done(); } });
    expect(await command(['otel', 'check'], { stderr: stream, get cwd() { throw new TypeError('broken'); } })).toBe(70);
    expect(stderr).toMatch(/^TypeError: broken\n {4}at /);
  });
});

test('hints name the host, too', async () => {
  const { stdout } = await usage(['otel', 'check']);
  expect(stdout).toBe(`Telemetry is off: no config file turns it on. To start: ${NAME} otel init\n`);
});

describe('in a process', () => {
  test('a reader that stops early is not an error', () => {
    const file = hostScript('ccxray');
    const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${file}" otel --help | true`], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  (hasTerminal() ? test : test.skip)('a terminal is asked', async () => {
    const [cwd, home, file] = [project({ enabled: true, tier: 1, endpoint: FAR }), homeWith({}), hostScript('ccxray')];
    const { code, shown } = await onTerminal([process.execPath, file, 'otel', 'trust', cwd], {
      env: { HOME: home },
      answer: (text) => (text.includes('[y/N]') ? 'y\n' : undefined),
    });
    expect({ code, shown }).toEqual({ code: 0, shown: expect.stringContaining('Approved for ') });
  });

  test('messages name the command that the user has', () => {
    const [cwd, home] = [project({ enabled: true, tier: 1, endpoint: FAR }), homeWith({})];
    const check = (file) => spawnSync(process.execPath, [file, 'otel', 'check', cwd], { env: { HOME: home }, encoding: 'utf8' }).stderr;
    const [checkout, packaged] = [hostScript('server', 'index.js'), hostScript('node_modules', '.bin', 'ccxray')];
    // As npm installs a command: a link to the script.
    const installed = path.join(project(), 'ccxray');
    fs.symlinkSync(hostScript('node_modules', 'ccxray', 'server', 'index.js'), installed);
    expect(check(installed)).toContain(`To approve: ccxray otel trust ${cwd}\n`);
    expect(check(checkout)).toContain(`To approve: ${process.execPath} ${checkout} otel trust ${cwd}\n`);
    expect(check(packaged)).toContain(`To approve: ${process.execPath} ${packaged} otel trust ${cwd}\n`);
  });
});

