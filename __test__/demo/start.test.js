'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { noteProfile } = require('../../testkit/binary');

const ROOT = path.join(__dirname, '..', '..');
const BINARY = `otel-native.${process.platform}-${process.arch}-test.node`;

describe('npm start', () => {
  test('without cargo prints the cure and exits with 1', () => {
    const { status, stdout, stderr } = start(ROOT, [], { PATH: os.tmpdir() });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]*https:\/\/rustup\.rs[^\n]*\n$/);
  });

  test('prints help and errors without a build', () => {
    expect(start(ROOT, ['--help'], { PATH: os.tmpdir() })).toMatchObject({ status: 0, stderr: '' });
    expect(start(ROOT, ['--hepl'], { PATH: os.tmpdir() })).toMatchObject({ status: 2, stderr: 'Unknown option --hepl. Did you mean --help? See: npm start -- --help\n' });
  });

  test.each([
    [{ endpoint: 'http://127.0.0.1:4318' }, [], '--endpoint', '--endpoint=http://127.0.0.1:4318'],
    [{ turns: '3', seed: '1' }, [], '--turns, --seed', '--turns=3 --seed=1'],
    [{ logs: '/my logs' }, [], '--logs', '--logs="/my logs"'],
    [{ turns: 'true' }, ['3'], '--turns', '--turns 3'],
    [{ turns: '' }, [], '--turns', '--turns N'],
  ])('explains how options pass npm: %j with %j', (settings, args, names, meant) => {
    const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, value]));
    expect(start(ROOT, args, { PATH: os.tmpdir(), ...env })).toMatchObject({
      status: 2, stdout: '', stderr: `npm took ${names} for itself. Options go after "--": npm start -- ${meant}\n`,
    });
  });

  test('ends quietly when its reader disconnects', async () => {
    const child = spawn(process.execPath, [path.join(ROOT, 'scripts', 'start.js'), '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => { stderr += text; });
    expect(await new Promise((resolve) => { child.on('close', resolve); })).toBe(0);
    expect(stderr).toBe('');
  });

  test('installs without a warning of npm', () => {
    const shell = process.platform === 'win32';
    const { status, stderr } = spawnSync('npm', ['ci', '--dry-run', '--offline'], { cwd: ROOT, encoding: 'utf8', shell });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  (process.platform === 'win32' ? describe.skip : describe)('in a clean clone', () => {
    let clone;
    let env;

    beforeEach(() => {
      clone = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-clone-'));
      for (const directory of ['scripts', 'demo/page', 'testkit/reference', 'src', 'bin']) fs.mkdirSync(path.join(clone, directory), { recursive: true });
      for (const file of ['scripts/start.js', 'demo/options.js', 'testkit/binary.js']) fs.copyFileSync(path.join(ROOT, file), path.join(clone, file));
      fs.cpSync(path.join(ROOT, 'cli'), path.join(clone, 'cli'), { recursive: true });
      fs.writeFileSync(path.join(clone, 'demo', 'index.js'), 'exports.main = async (argv, io) => { io.stdout.write(`main ${argv}\\n`); return 7; };');
      fs.writeFileSync(path.join(clone, 'testkit', 'reference', 'check.js'), 'exports.checkOf = () => {};');
      fs.writeFileSync(path.join(clone, 'package-lock.json'), '{}');
      fs.writeFileSync(path.join(clone, 'demo', 'page', 'main.js'), '');
      fs.writeFileSync(path.join(clone, 'src', 'lib.rs'), '');
      const build = `: > ${BINARY} && "${process.execPath}" -e "require('${ROOT}/testkit/binary').noteProfile('${BINARY}', 'debug')"`;
      script('cargo', 'exit 0');
      script('npm', `echo "npm $*"\ncase "$1" in ci) mkdir -p node_modules && : > node_modules/.package-lock.json ;; run) case "$2" in build:demo) mkdir -p demo/built && : > demo/built/otlp.js ;; *) ${build} ;; esac ;; esac`);
      env = { PATH: `${path.join(clone, 'bin')}:/usr/bin:/bin` };
    });

    afterEach(() => fs.rmSync(clone, { recursive: true, force: true }));

    const script = (name, body) => fs.writeFileSync(path.join(clone, 'bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });

    test('installs, builds and runs the demo', () => {
      const { status, stdout, stderr } = start(clone, ['--turns', '5'], env);
      expect(stdout).toBe('npm ci\nnpm run build:debug\nnpm run build:demo\nmain --turns,5\n');
      expect(stderr).toMatch(/npm ci.*\n.*a first build takes/);
      expect(status).toBe(7);
    });

    test('names the command for the packaged addon, until that one is built', () => {
      const notice = /^This addon is built without optimisation, .* npm run build builds\.\n$/m;
      expect(start(clone, [], env).stderr).toMatch(notice);
      expect(start(clone, [], env).stderr).toMatch(notice);
      noteProfile(path.join(clone, BINARY), 'release');
      expect(start(clone, [], env)).toMatchObject({ stdout: 'main \n', stderr: '' });
    });

    test('skips completed steps the second time', () => {
      start(clone, [], env);
      expect(start(clone, [], env).stdout).toBe('main \n');
      const later = new Date(Date.now() + 60_000);
      fs.utimesSync(path.join(clone, 'src', 'lib.rs'), later, later);
      expect(start(clone, [], env).stdout).toBe('npm run build:debug\nmain \n');
      fs.utimesSync(path.join(clone, 'src', 'lib.rs'), new Date(0), new Date(0));
      fs.utimesSync(path.join(clone, 'demo', 'page', 'main.js'), later, later);
      expect(start(clone, [], env).stdout).toBe('npm run build:demo\nmain \n');
      fs.utimesSync(path.join(clone, 'package-lock.json'), later, later);
      expect(start(clone, [], env).stdout).toMatch(/^npm ci\n/);
    });

    test('stops with the exit code of a failed step', () => {
      script('npm', 'exit 5');
      const { status, stdout } = start(clone, [], env);
      expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    });
  });
});

function start(root, args, env) {
  return spawnSync(process.execPath, [path.join(root, 'scripts', 'start.js'), ...args], { encoding: 'utf8', env });
}
