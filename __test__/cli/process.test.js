'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { approved, asked, MORE, NOT_A_TERMINAL } = require('../../testkit/cli/approval');
const { run } = require('../../testkit/process/run');
const { hasTerminal, onTerminal } = require('../../testkit/cli/terminal');
const { asks, changed, reads, untrusted } = require('../../testkit/notice');
const { projects, PROJECT_FILE } = require('../../testkit/scratch/projects');

const ROOT = path.join(__dirname, '..', '..');
const CLI = path.join(ROOT, 'cli.js');
/** Every file of the command, beside the addon. */
const PARTS = ['cli.js', 'shell.js', ...['cli', 'demo', 'host'].flatMap((folder) => fs.readdirSync(path.join(ROOT, folder), { recursive: true }).filter((name) => name.endsWith('.js')).map((name) => path.join(folder, name)))];
const FAR = 'https://otlp.example';
const CANARY = 'value-that-must-not-be-shown';

const { project, homeWith } = projects();

/** A scratch repository, the user's home, and the command as they use it there. */
function scratch(config) {
  const [cwd, home] = [project(config), homeWith({})];
  spawnSync('git', ['init', '--quiet', cwd]);
  const env = { HOME: home, CANARY };
  const printed = [];
  async function cli(...args) {
    const { code, stdout, stderr } = await run('../cli.js', args, { cwd, env });
    printed.push(stdout, stderr);
    return { code, stdout, stderr };
  }
  const rewrite = (otel) => fs.writeFileSync(path.join(cwd, PROJECT_FILE), JSON.stringify({ otel }));
  return { cwd, home, env, printed, cli, rewrite };
}

/** The text of every file below a directory. */
function textBelow(directory) {
  const entries = fs.readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => fs.readFileSync(path.join(entry.parentPath ?? entry.path, entry.name), 'latin1')).join('\n');
}

test('a user inspects, approves and revokes a project', async () => {
  const config = { tier: 1, endpoint: FAR, headers: { authorization: 'Bearer ${CANARY}' }, team: '${CANARY}' };
  const { cwd, home, printed, cli, rewrite } = scratch(config);
  const details = ['With the headers: "authorization=Bearer ${CANARY}"', reads('CANARY', 'and send it there in the header "authorization"'), reads('CANARY', 'and send it there as "team"')];
  const terms = asks(FAR, details);

  expect(await cli('check')).toEqual({ code: 3, stdout: '', stderr: `${untrusted(cwd, terms)}\n` });
  expect(await cli('trust', '--yes')).toEqual({ code: 0, stdout: approved(cwd, terms, home), stderr: asked(cwd, terms) });
  expect(await cli('check')).toEqual({ code: 0, stdout: `Telemetry is on (tier 1, anonymous). It sends to ${FAR}/v1/metrics (approved by you).\n`, stderr: '' });
  expect((await cli('status')).stdout).toMatch(/^ {2}team +\$\{CANARY\}\s+\(/m);
  expect((await cli('status', '--json')).code).toBe(0);

  rewrite({ ...config, endpoint: 'https://elsewhere.example' });
  const change = `the endpoint was ${FAR} and is now https://elsewhere.example`;
  const question = asked(cwd, asks('https://elsewhere.example', details), [change]);
  expect(await cli('check')).toEqual({ code: 3, stdout: '', stderr: `${changed(cwd, change)}\n` });
  expect((await cli('status')).stdout.replaceAll(/\s+/g, ' ')).toContain(`${question}To approve: `.replaceAll(/\s+/g, ' '));
  expect(await cli('trust')).toEqual({ code: 4, stdout: '', stderr: `${question}${NOT_A_TERMINAL}` });
  expect((await cli('trust', '--yes')).code).toBe(0);
  expect((await cli('check')).code).toBe(0);

  expect(await cli('untrust')).toEqual({ code: 0, stdout: `Approval revoked: ${cwd}\n`, stderr: '' });
  expect((await cli('check')).code).toBe(3);
  expect((await cli('init', '--tier', '1', '--endpoint', 'https://${CANARY}.example', '--yes')).code).toBe(0);
  expect((await cli('status')).stdout).toContain('https://${CANARY}.example');

  expect(printed.join('')).not.toContain(CANARY);
  expect(textBelow(cwd) + textBelow(home)).not.toContain(CANARY);
});

describe('an error shows no value of a variable', () => {
  test.each([
    ['an invalid endpoint', { tier: 1, endpoint: '${CANARY}' }],
    ['an invalid header', { tier: 1, endpoint: FAR, headers: { 'x y': '${CANARY}' } }],
    ['a project and a variable that is not set', { tier: 1, endpoint: FAR, project: '${CANARY}', team: '${NOT_SET}' }],
  ])('%s', async (_, config) => {
    const { printed, cli } = scratch(config);
    await cli('trust', '--yes');
    expect((await cli('check')).code).toBe(1);
    expect((await cli('status')).code).toBe(1);
    expect(printed.join('')).not.toContain(CANARY);
  });
});

(hasTerminal() ? describe : describe.skip)('on a terminal (skipped where there is no `script` of util-linux)', () => {
  test.each([['y', 0], ['n', 4], ['\u0004', 4]])('the question is answered with %j', async (key, code) => {
    const { cwd, env, cli } = scratch({ tier: 1, endpoint: FAR });
    const answer = (text) => (text.includes('[y/N]') ? `${key}${key === '\u0004' ? '' : '\n'}` : undefined);
    const { code: found, shown } = await onTerminal([process.execPath, CLI, 'trust', cwd], { env, answer });
    expect(shown).toContain(`${asked(cwd, asks(FAR))}${MORE}`.replaceAll('\n', '\r\n') + 'Approve? [y/N] ');
    expect(shown).toContain(code === 0 ? `\r\nApproved for ${cwd}:\r\n  Send: anonymous numbers (tier 1)\r\n` : '\r\nNot approved.\r\n');
    expect(found).toBe(code);
    expect((await cli('check')).code).toBe(code === 0 ? 0 : 3);
  });

  test.each([['', {}, true], ['--no-color', {}, false], ['', { NO_COLOR: '1' }, false], ['', { TERM: 'dumb' }, false]])('colours are used with %j and %j: %p', async (option, variables, isColored) => {
    const { cwd, env } = scratch();
    const { shown } = await onTerminal([process.execPath, CLI, 'status', cwd, option].filter(Boolean), { env: { TERM: 'xterm', ...env, ...variables }, answer: () => undefined });
    expect(shown).toContain('configured');
    expect(shown.includes('\u001B[')).toBe(isColored);
  });

  test('check --connect fits 80 columns, whatever fails', async () => {
    const { cwd, env } = scratch({ tier: 1, endpoint: 'http://127.0.0.1:9' });
    const { code, shown } = await onTerminal([process.execPath, CLI, 'check', '--connect', '--no-color', cwd], { env, answer: () => undefined });
    expect(code).toBe(5);
    const [, ...lines] = shown.split('\r\n');
    expect(lines.join('\n').replaceAll(/ +\d+ ms/g, ' N ms')).toBe(`
one empty request
  failed  connection N ms  Nothing listens on 127.0.0.1:9 (connection refused).

The backend does not take what this project sends: see the failed step.
`);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('an interrupt approves nothing', async () => {
    const { cwd, env, cli } = scratch({ tier: 1, endpoint: FAR });
    const { code } = await onTerminal([process.execPath, CLI, 'trust', cwd], { env, answer: (text) => (text.includes('[y/N]') ? '\u0003' : undefined) });
    expect(code).toBeGreaterThan(0);
    expect((await cli('check')).code).toBe(3);
  });

  test('init asks its questions', async () => {
    const { cwd, env } = scratch();
    const typed = ['\n', '\n', '2\n', 'ada\n', 'shop\n', 'y\n', 'n\n'];
    const { code } = await onTerminal([process.execPath, CLI, 'init', cwd], { env, answer: (text) => (text.endsWith('] ') ? typed.shift() : undefined) });
    expect(code).toBe(0);
    expect(JSON.parse(fs.readFileSync(path.join(cwd, PROJECT_FILE), 'utf8')).otel).toEqual({ endpoint: 'http://127.0.0.1:4318', project: 'shop' });
  });
});

test('standard error stays empty for a usable project', async () => {
  const { cli } = scratch({ tier: 1, endpoint: 'http://127.0.0.1:9' });
  for (const command of ['status', 'check', 'trust']) expect(await cli(command)).toMatchObject({ code: 0, stderr: '' });
});

test('a full disk is reported in one line', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" --help > /dev/full`], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'The output cannot be written (ENOSPC). Is the disk full?\n' });
});

test('a reader may stop early', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" --help | true`], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a deleted directory is reported in one line', () => {
  const cwd = project();
  const { status, stderr } = spawnSync('sh', ['-c', `rmdir "${cwd}" && "${process.execPath}" "${CLI}" check`], { cwd, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^ENOENT: [^\n]+\n$/);
});

test('the help needs no binary', () => {
  const directory = project();
  for (const name of [...PARTS, 'index.js', 'native.js', 'no-binary.js', 'package.json']) {
    fs.mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, name), path.join(directory, name));
  }
  const cli = (...args) => spawnSync(process.execPath, [path.join(directory, 'cli.js'), ...args], { cwd: directory, encoding: 'utf8' });
  for (const command of ['status', 'check', 'trust', 'untrust']) {
    const { status, stdout, stderr } = cli(command);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^@ccxray\/otel-native has no usable binary for [^\n]+\n$/);
  }
  expect(cli('--help')).toMatchObject({ status: 0, stderr: '' });
  expect(cli('--version')).toMatchObject({ status: 0, stderr: '' });
});

test('the package contains all files of its command', () => {
  const { bin, files } = require('../../package.json');
  const missing = PARTS.filter((part) => !files.some((packed) => part === packed || part.startsWith(`${packed.replace(/\/$/, '')}/`)));
  expect(bin === undefined ? [] : missing).toEqual([]);
});
