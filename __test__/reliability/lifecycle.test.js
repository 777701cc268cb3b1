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

/** The longest life of a process that waits for nothing. */
const SOON_MS = 1900;
/** The longest life of a process that may take two seconds to deliver. */
const LIMIT_MS = 3500;

/** Windows has no signals that a process can handle. */
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
 * Runs the child, which must end by itself. It prints one notice for each start, before any other output; `stderr` is the
 * output after the notices.
 */
async function live(way, endpoint = receiver.endpoint, { starts = 1, at = home, ...options } = {}) {
  const { timedOut, stderr, ...result } = await run('children/lifecycle.js', [way, endpoint, at], options);
  expect(timedOut).toBe(false);
  const notices = on(endpoint).repeat(starts);
  expect(stderr.slice(0, notices.length)).toBe(notices);
  return { ...result, stderr: stderr.slice(notices.length) };
}

describe.each(Object.entries(ENDPOINTS))('with a collector that %s', (_, endpoint) => {
  test('an idle process ends at once', async () => {
    const { code, stderr, elapsedMs } = await live('natural', await endpoint());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });

  test('process.exit ends it at once, with its own code', async () => {
    const { code, stderr, elapsedMs } = await live('exit', await endpoint());
    expect({ code, stderr }).toEqual({ code: 7, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });

  test.each(['uncaught', 'rejection'])('an uncaught error (%s) ends it as without the addon', async (way) => {
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

  onUnix('a graceful exit takes at most two seconds', async () => {
    const { code, signal, stderr, elapsedMs } = await live('graceful', await endpoint(), { onOutput: killing('SIGTERM') });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(elapsedMs).toBeLessThan(LIMIT_MS);
  });

  test('a shutdown in the exit handler takes at most two seconds', async () => {
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

test('a shutdown in the exit handler waits for a running one', async () => {
  const { code, stderr, stdout } = await live('exitDuringShutdown', await slow(receiver.endpoint, 100));
  expect({ code, stderr, result: JSON.parse(stdout) }).toEqual({ code: 0, stderr: '', result: { delivered: true } });
  expect(sumOf(receiver.series(), TURNS)).toBe(100);
});

describe('with a hanging disk', () => {
  onUnix.each([['natural', 0], ['exit', 7]])('a process without a shutdown (%s) ends at once', async (way, wanted) => {
    const { code, stderr, elapsedMs } = await live(way, receiver.endpoint, { at: hangingHome() });
    expect({ code, stderr }).toEqual({ code: wanted, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });

  onUnix('a graceful exit delivers everything within two seconds', async () => {
    const { code, stderr, elapsedMs } = await live('graceful', receiver.endpoint, { at: hangingHome(), onOutput: killing('SIGTERM') });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(sumOf(receiver.series(), TURNS)).toBeGreaterThan(100);
    expect(elapsedMs).toBeLessThan(LIMIT_MS);
  });

  onUnix('a shutdown in the exit handler delivers everything', async () => {
    const { code, stderr, stdout, elapsedMs } = await live('exitHandler', receiver.endpoint, { at: hangingHome() });
    expect({ code, stderr, result: JSON.parse(stdout) }).toEqual({ code: 0, stderr: '', result: { delivered: true } });
    expect(sumOf(receiver.series(), TURNS)).toBe(100);
    expect(elapsedMs).toBeLessThan(LIMIT_MS);
  });
});

test('pending flushes delay the exit at most until their deadline', async () => {
  const { code, stderr, elapsedMs } = await live('naturalWithPromises', await hanging());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(elapsedMs).toBeLessThan(SOON_MS);
});

describe('worker threads', () => {
  test('can be terminated at any time', async () => {
    const { code, signal, stderr, stdout } = await live('workers');
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ took: true, status: { state: 'active', entries: { rejected: 0 } } });
  });

  test('can be terminated while they wait for an export', async () => {
    const { code, signal, stderr, stdout } = await live('workersThatWait', await hanging());
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ took: true, status: { tier: 1 } });
  });

  test('can start the addon for the whole process', async () => {
    const { code, stderr, stdout } = await live('startedByWorker');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ before: { state: 'active', entries: { accepted: 1 } }, took: true, delivered: true });
    expect(sumOf(receiver.series(), TURNS)).toBe(2);
  });

  test('that are busy do not delay the exit', async () => {
    const { code, signal, stderr, elapsedMs } = await live('exitUnderWorkers');
    expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: '' });
    expect(elapsedMs).toBeLessThan(SOON_MS);
  });
});

describe('a process has one instance', () => {
  test('for all realms', async () => {
    const { code, stderr, stdout } = await live('realms');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ states: ['active', 'active'], took: true, entries: { accepted: 3 } });
  });

  test('even if it is loaded twice', async () => {
    const { code, stderr, stdout } = await live('loadedTwice');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ same: false, again: 'active', entries: { accepted: 101 } });
  });

  (process.platform === 'linux' ? test : test.skip)('without threads and open files after a shutdown', async () => {
    const { code, stderr, stdout } = await live('restarts', receiver.endpoint.replace('127.0.0.1', 'localhost'), { starts: 31, withinMs: 20_000 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { before, after } = JSON.parse(stdout);
    expect(after.threads).toBe(0);
    expect(after.files).toBeLessThanOrEqual(before.files);
  });
});

/** A home whose log is a pipe without a reader, so that opening it for writing blocks. */
function hangingHome() {
  const at = project();
  fs.mkdirSync(path.join(at, '.ccxray'));
  execFileSync('mkfifo', [path.join(at, '.ccxray', 'otel.log')]);
  return at;
}

/** Sends a signal to a child after its first output. */
function killing(name) {
  return (child) => setTimeout(() => child.kill(name), 100);
}
