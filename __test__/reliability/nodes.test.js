'use strict';

const { startReceiver } = require('../../testkit/receiver/receiver');
const { run } = require('../../testkit/process/run');
const { findNodes } = require('../../testkit/process/nodes');
const { on } = require('../../testkit/notice');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { projects } = require('../../testkit/scratch/projects');
const { sumOf, TURNS } = require('../../testkit/entries/turn');

/** What a process may take to end that waits for nothing, on a machine that is busy. */
const AT_ONCE_MS = 1500;
/** The same where two seconds are allowed to deliver. */
const LIMIT_MS = 2000 + AT_ONCE_MS;
/** What the addon may add to the end of a process that has nothing left to do. */
const IDLE_MS = 150;
/** What must never be read, whatever Node itself says of an end. */
const OURS = /panick|FATAL|SIGSEGV|Segmentation|stack backtrace|ccxray-(otel:|worker|export|files)/;

/** Windows has no signals that a process can hear, and ends in another way when it aborts. */
const isWindows = process.platform === 'win32';

/** How a process ends, and what comes of it. Where it says nothing about what is said, nothing is. */
const ENDS = [
  ['natural', { code: 0 }],
  ['exit', { code: 7 }],
  ['uncaught', { code: 1, says: 'Error: not caught' }],
  ['rejection', { code: 1, says: 'Error: not caught' }],
  ...(isWindows ? [] : [
    // Newer ones show where.
    ['abort', { signal: 'SIGABRT', says: '' }],
    ['forever', { signal: 'SIGTERM' }],
    ['forever', { signal: 'SIGINT' }],
    ['forever', { signal: 'SIGKILL' }],
  ]),
];

const { hanging } = badCollectors();
const { home } = projects();
let receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});

afterEach(() => receiver.close());

const { nodes, missing } = findNodes(process.env);
if (process.env.CI_REQUIRE_NODES === '1') {
  test('every Node that the package is for is there, as CI_REQUIRE_NODES=1 demands', () => {
    expect(missing).toEqual([]);
  });
} else if (missing.length > 0) {
  const majors = missing.map(({ major }) => major).join(', ');
  process.stderr.write(`nodes.test.js: Node ${majors} skipped: ${missing[0].reason}\n`);
}

describe.each(nodes.map((node) => [node.version, node]))('on Node %s', (version, { bin }) => {
  test('it is this one that runs', async () => {
    const { stdout } = await run('children/version.js', [], { node: bin });
    expect(JSON.parse(stdout)).toEqual({ version, state: 'disabled' });
  });

  describe.each([
    ['is well', () => receiver.endpoint],
    ['hangs', () => hanging()],
  ])('with a collector that %s and turns that wait', (_, endpoint) => {
    test.each(ENDS)('a process ends as it would without us: %s, %j', async (way, { code = null, signal = null, says }) => {
      const options = way === 'forever' ? { onOutput: (child) => setTimeout(() => child.kill(signal), 20) } : {};
      const { entries, tookMs, stderr, code: ended, signal: by } = await ending(way, await endpoint(), options);
      expect({ code: ended, signal: by }).toEqual({ code, signal });
      expect(entries.queued).toBeGreaterThan(0);
      if (says === undefined) expect(stderr).toBe('');
      expect(stderr).toContain(says ?? '');
      expect(stderr).not.toMatch(OURS);
      expect(tookMs).toBeLessThan(AT_ONCE_MS);
    });
  });

  test('a shutdown in the exit handler delivers what waits', async () => {
    const { entries, ...end } = await ending('exitHandler', receiver.endpoint);
    expect(end).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(entries.queued).toBeGreaterThan(0);
    expect(sumOf(receiver.series(), TURNS)).toBe(entries.accepted);
  });

  test('a shutdown in the exit handler takes two seconds at most, whatever waits', async () => {
    const { tookMs, ...end } = await ending('exitHandler', await hanging());
    expect(end).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(tookMs).toBeLessThan(LIMIT_MS);
  });

  test('a process that has nothing left to do ends as soon as one without us', async () => {
    const took = { idle: [], without: [] };
    // Side by side, so that what else the machine does is the same for both.
    for (let i = 0; i < 5; i += 1) {
      for (const way of Object.keys(took)) {
        const { tookMs, entries, code } = await ending(way, receiver.endpoint, { told: way === 'idle' });
        expect({ code, waiting: entries?.queued }).toEqual({ code: 0, waiting: way === 'idle' ? 0 : undefined });
        took[way].push(tookMs);
      }
    }
    expect(median(took.idle) - median(took.without)).toBeLessThan(IDLE_MS);
  });

  test('worker threads that end in every way at any moment take nothing with them', async () => {
    const { ends, took, status } = await lived('workersAtRandom', receiver.endpoint);
    expect({ took, workers: ends.length, ways: new Set(ends).size }).toEqual({ took: true, workers: 20, ways: 4 });
    expect(status).toMatchObject({ state: 'active', entries: { rejected: 0 } });
    expect(status.entries.accepted).toBeGreaterThan(100 + ends.length);
  });

  test('a process and the one that it forks have a telemetry each', async () => {
    const { own, child } = await lived('forks', receiver.endpoint, { starts: 2 });
    expect(own).toEqual({ delivered: true, accepted: 100 });
    expect(child).toEqual({ delivered: true, accepted: 100, code: 0 });
    expect(new Set(receiver.series().map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
    expect(sumOf(receiver.series(), TURNS)).toBe(200);
  });

  test('several contexts have one telemetry', async () => {
    expect(await lived('realms', receiver.endpoint)).toMatchObject({ states: ['active', 'active'], entries: { accepted: 3 } });
  });

  test('the addon can be loaded again', async () => {
    expect(await lived('loadedTwice', receiver.endpoint)).toMatchObject({ same: false, again: 'active', entries: { accepted: 101 } });
  });

  test('a copy of it at another path is one of its own', async () => {
    expect(await lived('copied', receiver.endpoint, { starts: 2 })).toEqual({ delivered: [true, true], accepted: [100, 100] });
    expect(sumOf(receiver.series(), TURNS)).toBe(200);
  });

  /** Runs `children/ending.js`; `tookMs` is from the beginning of its end until it is gone, `stderr` what it says beside the notice. */
  async function ending(way, endpoint, { told = true, onOutput } = {}) {
    // Whoever aborts leaves an image of its memory, where that is not forbidden.
    const under = isWindows ? [] : ['sh', '-c', 'ulimit -c 0 && exec "$@"', 'sh'];
    const { code, signal, stdout, stderr, timedOut } = await run('children/ending.js', [way, endpoint, home], { node: bin, under, onOutput });
    const gone = Date.now();
    expect(timedOut).toBe(false);
    const { entries, at } = JSON.parse(stdout);
    return { code, signal, entries, tookMs: gone - at, stderr: beside(stderr, told ? on(endpoint) : '') };
  }

  /** Runs `children/lifecycle.js`, which must end well and without a word, and gives what it prints. */
  async function lived(way, endpoint, { starts = 1 } = {}) {
    const { code, signal, stdout, stderr } = await run('children/lifecycle.js', [way, endpoint, home], { node: bin });
    // What a worker threw is not printed: somebody listens.
    expect({ code, signal, stderr: beside(stderr, on(endpoint).repeat(starts)) }).toEqual({ code: 0, signal: null, stderr: '' });
    return JSON.parse(stdout);
  }
});

/** What is said after the notice, which must come first. */
function beside(stderr, notice) {
  expect(stderr.slice(0, notice.length)).toBe(notice);
  return stderr.slice(notice.length);
}

function median(numbers) {
  const sorted = Float64Array.from(numbers);
  sorted.sort();
  return sorted[sorted.length >> 1];
}
