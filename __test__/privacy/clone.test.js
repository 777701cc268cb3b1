'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { isTraceable, strace } = require('../../testkit/process/strace');
const { run } = require('../../testkit/process/run');
const { PERSONAL_FILE, PROJECT_FILE, projects } = require('../../testkit/scratch/projects');
const { turn } = require('../../testkit/entries/turn');

/*
 * A cloned repository is a stranger: it runs no program, it is not believed, and it neither blocks nor fills the process.
 */

const CLI = path.join(__dirname, '../../cli.js');
const TRACEABLE = isTraceable();
const LOCAL = 'http://127.0.0.1:9';
const hasGit = spawnSync('git', ['--version'], { stdio: 'ignore' }).status === 0;
const onLinux = process.platform === 'linux' ? test : test.skip;

const { home, project, homeWith } = projects();

beforeAll(() => addon.shutdown(1));
afterEach(() => addon.shutdown(1));

(hasGit && process.platform !== 'win32' ? describe : describe.skip)('in a clone that names programs wherever git runs some', () => {
  let clone;
  let bin;
  let mark;

  beforeAll(() => {
    [clone, bin] = [project(), project()];
    mark = path.join(project(), 'a-program-was-run');
    const touch = `touch '${mark}' #`;
    // What is called git is a program of the stranger too.
    for (const name of ['git', 'npx', 'ccxray-otel']) fs.writeFileSync(path.join(bin, name), `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
    const sub = path.join(clone, 'sub');
    for (const directory of ['objects', 'refs', 'hooks']) fs.mkdirSync(path.join(sub, directory), { recursive: true });
    fs.writeFileSync(path.join(sub, 'HEAD'), 'ref: refs/heads/main\n');
    fs.writeFileSync(path.join(sub, 'config'), `[core]\n\tworktree = .\n\tsshCommand = "${touch}"\n\tfsmonitor = "${touch}"\n\tpager = "${touch}"\n\thooksPath = hooks\n`);
    for (const directory of [clone, sub]) {
      fs.writeFileSync(path.join(directory, PROJECT_FILE), JSON.stringify({ otel: { tier: 2, endpoint: LOCAL } }));
      fs.writeFileSync(path.join(directory, PERSONAL_FILE), JSON.stringify({ otel: { tier: 2, identity: 'mallory' } }));
    }
    for (const args of [['init', '--quiet'], ['add', '--all', '--force'], ['config', 'core.fsmonitor', touch]]) execFileSync('git', args, { cwd: clone });
  });

  test.each([['.', 'status'], ['sub', 'status'], ['sub', 'check'], ['sub', 'init', '--personal', 'project', '--identity', 'ann', '--yes'], ['sub', 'trust', '--yes']])('in %s: %s runs no program and opens no connection', async (at, ...args) => {
    const trace = path.join(project(), 'trace');
    const under = TRACEABLE ? strace(trace) : [];
    const env = { PATH: `${bin}:${process.env.PATH}`, HOME: homeWith({ tier: 2 }) };
    await run(CLI, args, { cwd: path.join(clone, at), env, under });
    expect(fs.existsSync(mark)).toBe(false);
    if (TRACEABLE) expectNoProgramAndNoConnection(trace);
  });

  test('the printed cure runs this package, whatever the clone contains', () => {
    const { reason } = addon.inspect({ cwd: clone, home: homeWith({}), env: {} });
    const [, cure] = /To approve: (.*)$/.exec(reason);
    const env = { PATH: `${bin}:${process.env.PATH}`, HOME: homeWith({}) };
    const { status, stdout } = spawnSync('sh', ['-c', `${cure} --yes`], { cwd: clone, env, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining(`Approved for ${clone}`) });
    expect(fs.existsSync(mark)).toBe(false);
  });

  (TRACEABLE ? test : test.skip)('in a hub, a turn of a client that works there runs no program and opens no connection', async () => {
    const trace = path.join(project(), 'trace');
    const env = { PATH: `${bin}:${process.env.PATH}`, HOME: homeWith({}), DIRECTORIES: JSON.stringify([clone, path.join(clone, 'sub')]) };
    const { stdout } = await run('children/hub.js', [], { env, under: strace(trace) });
    expect(JSON.parse(stdout)).toEqual([{ state: 'disabled' }, { state: 'disabled' }]);
    expect(fs.existsSync(mark)).toBe(false);
    expectNoProgramAndNoConnection(trace);
  });

  test('a turn of a client that works there runs no program', async () => {
    addon.init({ cwd: home, home, env: { PATH: `${bin}:${process.env.PATH}`, CCXRAY_OTEL_TIER: '2', OTEL_EXPORTER_OTLP_ENDPOINT: LOCAL } });
    addon.record(turn(), { cwd: path.join(clone, 'sub') });
    await addon.flush(1000);
    expect(addon.status(path.join(clone, 'sub'))).toMatchObject({ state: 'disabled' });
    expect(fs.existsSync(mark)).toBe(false);
  });
});

function expectNoProgramAndNoConnection(trace) {
  const calls = fs.readFileSync(trace, 'utf8').split('\n');
  // The first program is Node itself.
  expect(calls.filter((line) => /\bexecve(at)?\(/.test(line)).slice(1)).toEqual([]);
  expect(calls.filter((line) => /\bconnect\(/.test(line))).toEqual([]);
}

describe('before an approval', () => {
  onLinux.each([
    ['has no end and says that it is empty', '/proc/self/pagemap', 'This file is larger than 256 KiB.'],
    ['waits for the kernel', '/proc/kmsg', 'This file cannot be read'],
    ['is a device', '/dev/zero', 'This is not a file.'],
    ['is a terminal', '/dev/tty', 'This is not a file.'],
  ])('a file that %s neither blocks nor fills the process', (_, target, problem) => {
    for (const name of [PROJECT_FILE, PERSONAL_FILE]) {
      const cwd = project();
      fs.symlinkSync(target, path.join(cwd, name));
      const { message, elapsedMs } = inspect(cwd);
      if (target !== '/proc/kmsg') expect(message).toContain(problem);
      expect(elapsedMs).toBeLessThan(2000);
    }
  });

  onLinux('a named pipe is not waited for', () => {
    for (const name of [PROJECT_FILE, PERSONAL_FILE, '.git']) {
      const cwd = project(name === PROJECT_FILE ? undefined : { tier: 1, endpoint: LOCAL });
      execFileSync('mkfifo', [path.join(cwd, name)]);
      expect(inspect(cwd).elapsedMs).toBeLessThan(2000);
    }
    const own = homeWith({});
    fs.mkdirSync(path.join(own, '.ccxray'));
    execFileSync('mkfifo', [path.join(own, '.ccxray/otel-trust.json')]);
    expect(inspect(project({ tier: 1, endpoint: 'https://collector.invalid' }), { home: own })).toMatchObject({ state: 'disabled' });
  });

  test.each([
    ['keys of otel', (count) => `{"otel":{${keys(count)}}}`],
    ['keys of the host', (count) => `{${keys(count)}}`],
    ['headers', (count) => `{"otel":{"headers":{${keys(count)}}}}`],
    ['repeated keys', (count) => `{"otel":{${Array.from({ length: count }, () => '"tier":1').join()}}}`],
    ['levels', (count) => `{"otel":${'['.repeat(count)}${']'.repeat(count)}}`],
    ['names', (count) => `{"otel":{"known_names":[${Array.from({ length: count }, (_, at) => `"n${at}"`).join()}]}}`],
    ['lines', (count) => '\n'.repeat(count)],
    ['quotes', (count) => '"'.repeat(count)],
  ])('many %s take little time', (_, text) => {
    for (const count of [20_000, 200_000]) {
      const { message, elapsedMs } = inspect(project(text(count)));
      expect(message).toMatch(/\.ccxray\.json:\d+:\d+: /);
      expect(message.length).toBeLessThan(1000);
      expect(elapsedMs).toBeLessThan(1000);
    }
  });
});

/** What the addon says of a project, or its error, and how long that takes. */
function inspect(cwd, given = {}) {
  const started = performance.now();
  try {
    return { ...addon.inspect({ cwd, home, env: {}, ...given }), elapsedMs: performance.now() - started };
  } catch ({ message }) {
    return { message, elapsedMs: performance.now() - started };
  }
}

function keys(count) {
  return Array.from({ length: count }, (_, at) => `"${at.toString(36).padStart(4, '0')}":0`).join();
}

(process.getuid?.() === 0 ? describe : describe.skip)('of another user (needs root)', () => {
  const [ME, MALLORY] = [20001, 20002];

  test.each([
    ['the file', (own) => fs.chownSync(path.join(own, '.ccxray/otel-trust.json'), MALLORY, MALLORY)],
    ['its directory', (own) => fs.chownSync(path.join(own, '.ccxray'), MALLORY, MALLORY)],
    ['the home directory', (own) => fs.chownSync(own, MALLORY, MALLORY)],
    ['a link to it', (own) => {
      fs.renameSync(path.join(own, '.ccxray'), path.join(own, 'moved'));
      fs.symlinkSync('moved', path.join(own, '.ccxray'));
      fs.lchownSync(path.join(own, '.ccxray'), MALLORY, MALLORY);
    }],
  ])('an approval is not believed if another user owns %s', (_, change) => {
    const own = homeWith({});
    const cwd = project({ tier: 1, endpoint: 'https://collector.invalid' });
    addon.trust(cwd, { home: own, env: {} });
    execFileSync('chown', ['-R', `${ME}:${ME}`, own]);
    // The directories above must let the other users pass.
    const script = `console.log(require(${JSON.stringify(path.join(__dirname, '../..'))}).inspect({ cwd: ${JSON.stringify(cwd)}, home: ${JSON.stringify(own)}, env: {} }).trust)`;
    for (let at = own; at !== path.dirname(at); at = path.dirname(at)) fs.chmodSync(at, fs.statSync(at).mode & 0o7777 | 0o055);
    for (const directory of [path.join(own, '.ccxray'), cwd]) fs.chmodSync(directory, 0o755);
    const asked = () => spawnSync(process.execPath, ['-e', script], { uid: ME, gid: ME, encoding: 'utf8' }).stdout.trim();
    expect(asked()).toBe('approved by you');
    change(own);
    expect(asked()).toBe('undefined');
  });
});
