'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { call } = require('../../testkit/cli/call');
const { collectors } = require('../../testkit/receiver/collectors');
const { projects } = require('../../testkit/scratch/projects');
const { turn } = require('../../testkit/entries/turn');
const { eventually } = require('../../testkit/waiting');

const { project, homeWith } = projects();
const collector = collectors();

let home;

beforeAll(() => addon.shutdown(1));

beforeEach(() => {
  home = homeWith({});
});

const place = () => path.join(home, '.ccxray', 'otel');
const status = (...options) => call(['status', ...options], { cwd: project(), home });

/** Writes the status file of this process, which is certainly alive. */
function put(content, pid = process.pid) {
  fs.mkdirSync(place(), { recursive: true });
  fs.writeFileSync(path.join(place(), `status-${pid}.json`), typeof content === 'string' ? content : JSON.stringify(content));
}

function snapshot(more = {}) {
  const exports = { delivered: 12, failed: 3 };
  return { pid: process.pid, startedAtMs: 1, updatedAtMs: Date.now(), projects: [{ state: 'active', project: 'shop', exports }], ...more };
}

describe('status shows each running process', () => {
  test('with its exports, until it has shut down', async () => {
    const { endpoint } = await collector();
    const cwd = project({ tier: 1, endpoint, project: 'shop' });
    addon.init({ cwd, home, env: {} });
    addon.record(turn());
    expect(await addon.flush()).toBe(true);
    await eventually(() => fs.existsSync(path.join(place(), `status-${process.pid}.json`)), Boolean);
    const { code, stdout } = await status();
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^running now\\n +${process.pid} +shop +active +\\d+ delivered, 0 failed +updated \\d+ s ago$`, 'm'));
    expect(JSON.parse((await status('--json')).stdout).running).toEqual([expect.objectContaining({ pid: process.pid, projects: [expect.objectContaining({ project: 'shop' })] })]);

    await addon.shutdown();
    expect((await status()).stdout).not.toContain('running now');
    expect(JSON.parse((await status('--json')).stdout).running).toEqual([]);
  });

  test('and none that has ended', async () => {
    put(snapshot({ pid: 2 ** 31 - 1 }), 2 ** 31 - 1);
    expect((await status()).stdout).not.toContain('running now');
  });

  test('in the order of their start', async () => {
    put(snapshot({ startedAtMs: 2, projects: [{ state: 'active', project: 'younger', exports: { delivered: 0, failed: 0 } }] }));
    put(snapshot({ pid: process.ppid, startedAtMs: 1 }), process.ppid);
    expect((await status()).stdout).toMatch(/shop[^]*younger/);
  });
});

describe('a file that is not a status file', () => {
  test.each([
    ['that is not JSON', '{"pid":'],
    ['of other JSON', '[]'],
    ['that is empty', ''],
    ['without projects', snapshot({ projects: undefined })],
    ['with an invalid project', snapshot({ projects: [null] })],
    ['with a project without exports', snapshot({ projects: [{ state: 'active' }] })],
    ['of five megabytes', ' '.repeat(5 << 20)],
  ])('%s is reported, and does no harm', async (_, content) => {
    put(content);
    const { code, stdout, stderr } = await status();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}\? .*status-\d+\.json +cannot be read: it is not a status file$/m);
  });

  test.each([
    ['a directory', (file) => fs.mkdirSync(file)],
    ['a pipe without a writer', (file) => execFileSync('mkfifo', [file])],
    ['a link to an endless device', (file) => fs.symlinkSync('/dev/zero', file)],
    ['a link to itself', (file) => fs.symlinkSync(file, file)],
    ['the status of another process', (file) => fs.writeFileSync(file, JSON.stringify(snapshot({ pid: 1 })))],
  ])('%s in its place is reported', async (_, make) => {
    fs.mkdirSync(place(), { recursive: true });
    make(path.join(place(), `status-${process.pid}.json`));
    expect((await status()).stdout).toMatch(/cannot be read: (it is not a status file|ELOOP)$/m);
  });

  test('cannot control the terminal', async () => {
    put(snapshot({ projects: [{ state: 'active', project: '\u001B]0;gone\u0007\u009B2J', reason: 'a\nb', exports: { delivered: 0, failed: 0 } }] }));
    const { stdout } = await status();
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(stdout).toContain('active (a\u{FFFD}b)');
  });
});

test('a file instead of the directory is ignored', async () => {
  fs.mkdirSync(path.join(home, '.ccxray'), { recursive: true });
  fs.writeFileSync(place(), '');
  const { code, stdout } = await status();
  expect(code).toBe(0);
  expect(stdout).not.toContain('running now');
});
