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
    const { stdout } = await status();
    expect(stdout).toMatch(new RegExp(`^running\\n {2}process ${process.pid}, project shop: active \\(\\d+ s ago\\)$`, 'm'));
    expect(stdout).toMatch(/^ {4}exports +\d+ delivered, 0 failed since the start$/m);
    expect(stdout).toMatch(/^ {4}last hour +\d+ exports? delivered, 0 failed, 0 dropped; \d+ entr\w+\s+counted,\s+0\s+lost$/m);
    expect(JSON.parse((await status('--json')).stdout).running).toEqual([expect.objectContaining({ pid: process.pid, projects: [expect.objectContaining({ project: 'shop' })] })]);

    await addon.shutdown();
    expect((await status()).stdout).toContain('running\n  no process\n');
    expect(JSON.parse((await status('--json')).stdout).running).toEqual([]);
  });

  test('and none that has ended', async () => {
    put(snapshot({ pid: 2 ** 31 - 1 }), 2 ** 31 - 1);
    expect((await status()).stdout).toContain('running\n  no process\n');
  });

  test('with the worst state first', async () => {
    const exports = { delivered: 0, failed: 5 };
    put(snapshot({ startedAtMs: 2, projects: [{ state: 'circuit_open', project: 'failing', reason: 'Nothing listens.', cooldownRemainingMs: 61_000, exports }] }));
    put(snapshot({ pid: process.ppid, startedAtMs: 1 }), process.ppid);
    const { stdout } = await status();
    expect(stdout).toMatch(new RegExp(`^Exports fail in process ${process.pid}: Nothing listens\\.\\n`));
    expect(stdout).toMatch(/project failing: circuit_open[^]*project shop: active/);
    expect(stdout).toMatch(/^ {4}next trial +in 61 s$/m);
  });

  test('with the reasons of what was lost, and the last three changes', async () => {
    const changes = [4, 3, 2, 1].map((minute) => ({ atMs: Date.now() - minute * 60_000, from: 'active', to: 'half_open', reason: `change ${minute}` }));
    const lastHour = { delivered: 3, failed: 1, dropped: 2, droppedByReason: { rejected: 2 }, accepted: 9, processed: 6, lost: 3, lostByReason: { queue_full: 1, panic: 2 } };
    put(snapshot({ projects: [{ state: 'active', exports: { delivered: 3, failed: 1 }, lastHour, transitions: changes, cardinality: [{ attribute: 'tool', values: 23, limit: 50 }] }] }));
    const text = (await status()).stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('last hour 3 exports delivered, 1 failed, 2 dropped (rejected 2); 6 entries counted, 3 lost (queue_full 1, panic 2)');
    expect(text).toContain('values tool 23/50');
    expect(text).not.toContain('change 4');
    expect(text).toMatch(/changes 3 min ago: active to half_open, change 3 2 min ago: .* change 1/);
  });

  test('and fails if it fails while the config is usable', async () => {
    put(snapshot({ projects: [{ state: 'degraded', project: 'shop', reason: 'x', exports: { delivered: 0, failed: 1 } }] }));
    const on = project({ tier: 1, endpoint: 'http://127.0.0.1:9' });
    expect((await call(['status'], { cwd: on, home })).code).toBe(5);
    expect((await status()).code).toBe(1);
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
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^ {2}\S+status-\d+\.json cannot be read: it is not a status file$/m);
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
    expect(stdout).toMatch(/^ {4}reason +a\u{FFFD}b$/mu);
  });
});

test('a file instead of the directory is ignored', async () => {
  fs.mkdirSync(path.join(home, '.ccxray'), { recursive: true });
  fs.writeFileSync(place(), '');
  const { code, stdout } = await status();
  expect(code).toBe(1);
  expect(stdout).toContain('running\n  no process\n');
});
