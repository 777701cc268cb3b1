'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { startReceiver } = require('../../testkit/receiver/receiver');
const { run } = require('../../testkit/process/run');
const { on } = require('../../testkit/notice');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { projects } = require('../../testkit/scratch/projects');
const { sumOf, TURNS } = require('../../testkit/entries/turn');

jest.setTimeout(30_000);

/** The longest that a process may take from its birth to its end, where nothing has to be waited for. */
const SOON_MS = 1900;
/** The same where two seconds are allowed to deliver. */
const LIMIT_MS = 3500;

/** Windows has no signals that a process can hear. */
const onUnix = process.platform === 'win32' ? test.skip : test;

const { hanging, refused, slow } = badCollectors();
const { home, project } = projects();
let receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});

afterEach(() => receiver.close());

const ENDPOINTS = {
  'is well': () => receiver.endpoint,
  hangs: () => hanging(),
  'is not there': () => refused(),
};

/**
 * Runs the child until its end, which must be its own. It says where the numbers go as often as telemetry was started,
 * which is before it writes anything else; `stderr` is what it says beside that.
 */
async function live(way, endpoint = receiver.endpoint, { starts = 1, at = home, ...options } = {}) {
  const { timedOut, stderr, ...result } = await run('children/lifecycle.js', [way, endpoint, at], options);
  expect(timedOut).toBe(false);
  const told = on(endpoint).repeat(starts);
  expect(stderr.slice(0, told.length)).toBe(told);
  return { ...result, stderr: stderr.slice(told.length) };
}

describe.each(Object.entries(ENDPOINTS))('with a collector that %s', (_, endpoint) => {
  test('a process that has nothing left to do ends at once', async () => {
    const { code, stderr, elapsedMs } = await live('natural', await endpoint());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });

  test('a process that exits while it records ends at once, with its own code', async () => {
    const { code, stderr, elapsedMs } = await live('exit', await endpoint());
    expect({ code, stderr }).toEqual({ code: 7, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });

  test.each(['uncaught', 'rejection'])('an error that nobody catches (%s) ends it as it would without us', async (way) => {
    const { code, stderr, elapsedMs } = await live(way, await endpoint());
    expect(code).toBe(1);
    expect(stderr).toContain('Error: not caught');
    expect(stderr).not.toMatch(/panick|FATAL|ccxray-(otel:|worker|export)/);
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });

  onUnix.each(['SIGTERM', 'SIGINT', 'SIGHUP'])('%s while it records ends it at once', async (name) => {
    const { code, signal, stderr, elapsedMs } = await live('forever', await endpoint(), { onOutput: killing(name) });
    expect({ code, signal, stderr }).toEqual({ code: null, signal: name, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });

  onUnix('a graceful end takes two seconds at most', async () => {
    const { code, signal, stderr, elapsedMs } = await live('graceful', await endpoint(), { onOutput: killing('SIGTERM') });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(elapsedMs).toBeLessThan(LIMIT_MS);
  });

  test('a shutdown in the exit handler takes two seconds at most', async () => {
    const { code, stderr, stdout, elapsedMs } = await live('exitHandler', await endpoint());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ delivered: endpoint === ENDPOINTS['is well'] });
    expect(elapsedMs).toBeLessThan(LIMIT_MS);
  });
});

test('a shutdown in the exit handler delivers everything', async () => {
  const { stderr } = await live('exitHandler');
  expect(stderr).toBe('');
  expect(sumOf(receiver.series(), TURNS)).toBe(100);
});

test('a shutdown in the exit handler waits for the one that is under way', async () => {
  const { code, stderr, stdout } = await live('exitDuringShutdown', await slow(receiver.endpoint, 100));
  expect({ code, stderr, told: JSON.parse(stdout) }).toEqual({ code: 0, stderr: '', told: { delivered: true } });
  expect(sumOf(receiver.series(), TURNS)).toBe(100);
});

describe('where the disk hangs', () => {
  onUnix.each([['natural', 0], ['exit', 7]])('a process that waits for nothing (%s) ends at once', async (way, wanted) => {
    const { code, stderr, elapsedMs } = await live(way, receiver.endpoint, { at: hangingHome() });
    expect({ code, stderr }).toEqual({ code: wanted, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });

  onUnix('a graceful end delivers everything, and takes two seconds at most', async () => {
    const { code, stderr, elapsedMs } = await live('graceful', receiver.endpoint, { at: hangingHome(), onOutput: killing('SIGTERM') });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(sumOf(receiver.series(), TURNS)).toBeGreaterThan(100);
    expect(elapsedMs).toBeLessThan(LIMIT_MS);
  });

  onUnix('a shutdown in the exit handler delivers everything, and takes two seconds at most', async () => {
    const { code, stderr, stdout, elapsedMs } = await live('exitHandler', receiver.endpoint, { at: hangingHome() });
    expect({ code, stderr, told: JSON.parse(stdout) }).toEqual({ code: 0, stderr: '', told: { delivered: true } });
    expect(sumOf(receiver.series(), TURNS)).toBe(100);
    expect(elapsedMs).toBeLessThan(LIMIT_MS);
  });
});

test('promises that nobody waits for hold the end up no longer than they were told', async () => {
  const { code, stderr, elapsedMs } = await live('naturalWithPromises', await hanging());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(elapsedMs).toBeLessThan(SOON_MS);
});

describe('worker threads', () => {
  test('that are ended at any moment, thirty times, take nothing with them', async () => {
    const { code, signal, stderr, stdout } = await live('workers');
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ took: true, status: { state: 'active', entries: { rejected: 0 } } });
  });

  test('that are ended while they wait for an export take nothing with them', async () => {
    const { code, signal, stderr, stdout } = await live('workersThatWait', await hanging());
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ took: true, status: { tier: 1 } });
  });

  test('can start the telemetry for the whole process, and end', async () => {
    const { code, stderr, stdout } = await live('startedByWorker');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ before: { state: 'active', entries: { accepted: 1 } }, took: true, delivered: true });
    expect(sumOf(receiver.series(), TURNS)).toBe(2);
  });

  test('that are busy do not hold up the end of the process', async () => {
    const { code, signal, stderr, elapsedMs } = await live('exitUnderWorkers');
    expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });
});

describe('a process has one telemetry', () => {
  test('whatever number of realms has loaded it', async () => {
    const { code, stderr, stdout } = await live('realms');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ states: ['active', 'active'], took: true, entries: { accepted: 3 } });
  });

  test('however often it is loaded', async () => {
    const { code, stderr, stdout } = await live('loadedTwice');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ same: false, again: 'active', entries: { accepted: 101 } });
  });

  (process.platform === 'linux' ? test : test.skip)('that leaves no thread and no file behind when it is shut down', async () => {
    const { code, stderr, stdout } = await live('restarts', receiver.endpoint.replace('127.0.0.1', 'localhost'), { starts: 31, withinMs: 20_000 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { before, after } = JSON.parse(stdout);
    expect(after.threads).toBe(0);
    expect(after.files).toBeLessThanOrEqual(before.files);
  });
});

/** A home whose log takes nothing: whoever opens a pipe to write waits until somebody reads. */
function hangingHome() {
  const at = project();
  fs.mkdirSync(path.join(at, '.ccxray'));
  execFileSync('mkfifo', [path.join(at, '.ccxray', 'otel.log')]);
  return at;
}

/** Sends a signal to a child while it is busy. */
function killing(name) {
  return (child) => setTimeout(() => child.kill(name), 100);
}
