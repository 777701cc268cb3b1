'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { version } = require('../../package.json');
const addon = require('../..');
const { run } = require('../../testkit/process/run');
const { on } = require('../../testkit/notice');
const { secretsIn, withSecrets } = require('../../testkit/secrets');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { projects } = require('../../testkit/scratch/projects');
const { turn } = require('../../testkit/entries/turn');
const { eventually, sleep } = require('../../testkit/waiting');

const isWindows = process.platform === 'win32';
/** Where the system tells which processes there are, what one left behind can be told from what one still needs. */
const onUnix = isWindows ? test.skip : test;

const { project } = projects();
const collectors = badCollectors();
/** The engineer's home of one test, and where the status files are kept there. */
let home;
let directory;
let own;

beforeAll(() => addon.shutdown(1));

beforeEach(() => {
  home = project();
  directory = path.join(home, '.ccxray', 'otel');
  own = path.join(directory, `status-${process.pid}.json`);
});

afterEach(() => addon.shutdown(1));

describe('while telemetry runs there is a status file', () => {
  test('which says what the status says, and no secret', async () => {
    const began = Date.now();
    addon.init({ cwd: home, home, env: withSecrets(await collectors.status(200)) });
    addon.record(turn());
    expect(await addon.flush()).toBe(true);
    const { pid, startedAtMs, updatedAtMs, projects: [only, ...others], ...rest } = await snapshotWhere(own, isUpToDate);
    const { entries, files, ...status } = addon.status();
    expect(others).toEqual([]);
    expect({ pid, version: rest.version }).toEqual({ pid: process.pid, version });
    expect(startedAtMs).toBeGreaterThanOrEqual(began);
    expect(updatedAtMs).toBeGreaterThanOrEqual(startedAtMs);
    expect(updatedAtMs).toBeLessThanOrEqual(Date.now());
    expect(rest.entries).toEqual(entries);
    expect(rest.files).toMatchObject({ lost: 0 });
    expect(rest.files.written).toBeLessThanOrEqual(files.written);
    expect(only).toEqual(Object.fromEntries(Object.keys(only).map((key) => [key, status[key]])));
    expect(Object.keys(only)).toEqual(expect.arrayContaining(['state', 'tier', 'endpoint', 'transitions', 'lastHour', 'lastDay', 'exports']));
    expect(secretsIn(fs.readFileSync(own, 'utf8'))).toEqual([]);
  });

  test('which tells of failures, and why nothing is sent', async () => {
    addon.init({ cwd: home, home, env: withSecrets(await collectors.status(400)) });
    addon.record(turn());
    for (let i = 0; addon.status().state !== 'circuit_open'; i += 1) {
      expect(i).toBeLessThan(20);
      await addon.flush(500);
    }
    const { projects: [only] } = await snapshotWhere(own, ({ projects: [first] }) => first.state === 'circuit_open');
    expect(only).toMatchObject({ reason: 'the backend answered HTTP 400', exports: { lastError: 'the backend answered HTTP 400', consecutiveFailures: 5 } });
    expect(only.cooldownRemainingMs).toBeGreaterThan(0);
    expect(only.cooldownRemainingMs).toBeLessThanOrEqual(60_000);
    expect(only.transitions).toEqual(addon.status().transitions);
    expect(secretsIn(fs.readFileSync(own, 'utf8'))).toEqual([]);
  });

  test('which has all projects of the process', async () => {
    const endpoint = await collectors.status(200);
    const [shop, bank] = ['shop', 'bank'].map((name) => project({ tier: 1, endpoint, project: name }));
    addon.init({ cwd: shop, home, env: {} });
    addon.record(turn());
    addon.record(turn(), { cwd: bank });
    const { projects: all, entries } = await eventually(() => snapshot(own), (seen) => seen?.projects.length === 2);
    expect(new Set(all.map((one) => one.project))).toEqual(new Set(['shop', 'bank']));
    expect(all.map(({ state }) => state)).toEqual(['active', 'active']);
    expect(entries.accepted).toBeLessThanOrEqual(2);
  });

  test('which is whole at every moment', async () => {
    const endpoint = await collectors.status(500);
    const seen = new Set();
    let looks = 0;
    for (let round = 0; round < 2; round += 1) {
      addon.init({ cwd: home, home, env: withSecrets(endpoint) });
      // It is replaced once a second at most.
      const until = Date.now() + 2500;
      while (Date.now() < until) {
        const failing = addon.flush(300);
        for (let i = 0; i < 500; i += 1) {
          // Nothing but the whole can be read as JSON.
          const { updatedAtMs } = snapshot(own) ?? {};
          if (updatedAtMs !== undefined) seen.add(updatedAtMs);
          looks += 1;
        }
        await failing;
      }
      await addon.shutdown();
    }
    expect(looks).toBeGreaterThan(5000);
    expect(seen.size).toBeGreaterThanOrEqual(4);
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  onUnix('which is the engineer\'s alone, as is its directory', async () => {
    addon.init({ cwd: home, home, env: withSecrets(await collectors.status(200)) });
    await snapshotWhere(own, () => true);
    const modes = [own, directory, path.dirname(directory)].map((file) => fs.statSync(file).mode & 0o777);
    expect(modes).toEqual([0o600, 0o700, 0o700]);
  });
});

describe('a status file is taken away', () => {
  test('by a shutdown', async () => {
    addon.init({ cwd: home, home, env: withSecrets(await collectors.status(200)) });
    await snapshotWhere(own, () => true);
    await addon.shutdown();
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  test('by a shutdown in the exit handler', async () => {
    const endpoint = await collectors.status(200);
    const { code, stdout, stderr } = await run('children/status-file.js', ['exit', endpoint, home]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'started', stderr: on(endpoint) });
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  onUnix('by a shutdown for which the disk is too slow', async () => {
    fs.mkdirSync(path.dirname(directory));
    const log = path.join(path.dirname(directory), 'otel.log');
    // Whoever opens a pipe to write waits until somebody reads, and what is to be written next waits behind it.
    execFileSync('mkfifo', [log]);
    addon.init({ cwd: home, home, env: withSecrets(await collectors.status(200)) });
    addon.record(turn());
    expect(await addon.flush()).toBe(true);
    const shutdown = addon.shutdown();
    // The time for the next status file comes meanwhile.
    await sleep(1300);
    const reader = fs.openSync(log, 'r+');
    await shutdown;
    // The first line, and the last one.
    await eventually(() => addon.status().files.written, (written) => written >= 2);
    await sleep(200);
    fs.closeSync(reader);
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  onUnix('by the next start, where nobody else could', async () => {
    const endpoint = await collectors.status(200);
    const [killed, ...others] = await left(endpoint);
    expect([killed, others]).toEqual([expect.stringMatching(/^status-\d+\.json$/), []]);
    addon.init({ cwd: home, home, env: withSecrets(endpoint) });
    await eventually(() => fs.readdirSync(directory), (names) => !names.includes(killed) && names.includes(path.basename(own)));
  });

  onUnix('and a process that processes keeps its own, whoever starts meanwhile', async () => {
    const endpoint = await collectors.status(200);
    await killedAfter(endpoint, async (file) => {
      const before = snapshot(file);
      expect(before).toMatchObject({ pid: expect.any(Number), projects: [{ state: 'active' }] });
      addon.init({ cwd: home, home, env: withSecrets(endpoint) });
      await snapshotWhere(own, isUpToDate);
      await addon.shutdown();
      expect(snapshot(file)?.pid).toBe(before.pid);
    });
  });

  onUnix('and what is none stays where it is', async () => {
    fs.mkdirSync(directory, { recursive: true });
    const [dead] = await left(await collectors.status(200));
    // As a process leaves it that is killed while it writes.
    const draft = `${dead}.new`;
    fs.writeFileSync(path.join(directory, draft), '{');
    // The last one is of a process that processes.
    const foreign = ['notes.txt', 'status-.json', 'status-x.json', `status-${process.ppid}.json`];
    for (const name of foreign) fs.writeFileSync(path.join(directory, name), '{}');
    addon.init({ cwd: home, home, env: withSecrets(await collectors.status(200)) });
    await eventually(() => fs.readdirSync(directory), (names) => !names.includes(dead) && !names.includes(draft));
    await addon.shutdown();
    expect(new Set(fs.readdirSync(directory))).toEqual(new Set(foreign));
  });
});

test('a status file that cannot be written is counted, and exports go on', async () => {
  fs.mkdirSync(path.dirname(directory), { recursive: true });
  fs.writeFileSync(directory, 'a file in the place of the directory');
  addon.init({ cwd: home, home, env: withSecrets(await collectors.status(200)) });
  addon.record(turn());
  expect(await addon.flush()).toBe(true);
  const { files } = await eventually(() => addon.status(), (status) => status.files.lost > 0);
  expect(files).toMatchObject({ lastError: expect.stringMatching(/./) });
  // The log beside it is none the worse for it.
  expect(files.written).toBeGreaterThan(0);
});

/** What stands in a status file; nothing where it is not there. */
function snapshot(file) {
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text);
}

/** The same, once it is there and says what is wanted. */
function snapshotWhere(file, condition) {
  return eventually(() => snapshot(file), (seen) => seen !== undefined && condition(seen));
}

/** Whether a snapshot knows of all exports of the project given to `init`. */
function isUpToDate({ projects: [first] }) {
  return first.exports.attempted > 0 && first.exports.attempted === addon.status().exports.attempted;
}

/** The files that a process leaves behind which is killed. */
async function left(endpoint) {
  await killedAfter(endpoint, () => {});
  return fs.readdirSync(directory).filter((name) => name.startsWith('status-'));
}

/** Kills a process that has a status file, once `use` is done with the name of that. */
async function killedAfter(endpoint, use) {
  let used;
  const { signal } = await run('children/status-file.js', ['stays', endpoint, home], {
    onOutput: (child) => {
      const file = path.join(directory, `status-${child.pid}.json`);
      used = Promise.resolve(use(file)).finally(() => child.kill('SIGKILL'));
      // Whoever waits for it hears of what went wrong.
      used.catch(() => {});
    },
  });
  await used;
  expect(signal).toBe('SIGKILL');
}
