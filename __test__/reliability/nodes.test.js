'use strict';

const { startReceiver } = require('../../testkit/receiver/receiver');
const { run } = require('../../testkit/process/run');
const { findNodes } = require('../../testkit/process/nodes');
const { on } = require('../../testkit/notice');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { projects } = require('../../testkit/scratch/projects');
const { sumOf, TURNS } = require('../../testkit/entries/turn');

/** How long the end of a process that waits for nothing may take on a loaded machine. */
const AT_ONCE_MS = 1500;
/** The same for a process that may take two seconds to deliver. */
const LIMIT_MS = 2000 + AT_ONCE_MS;
/** What the addon may add to the end of an idle process. */
const IDLE_MS = 150;
/** What standard error must never contain, whatever Node itself prints. */
const OURS = /panick|FATAL|SIGSEGV|Segmentation|stack backtrace|ccxray-(otel:|worker|export|files)/;

/** Windows has no signals that a process can handle, and an abort ends differently. */
const isWindows = process.platform === 'win32';

/** How a process ends, with its exit code or signal, and what it prints. Default: nothing. */
const ENDS = [
  ['natural', { code: 0 }],
  ['exit', { code: 7 }],
  ['uncaught', { code: 1, prints: 'Error: not caught' }],
  ['rejection', { code: 1, prints: 'Error: not caught' }],
  ...(isWindows ? [] : [
    // Newer versions of Node print a stack.
    ['abort', { signal: 'SIGABRT', prints: '' }],
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
  test('every supported Node is available, as CI_REQUIRE_NODES=1 requires', () => {
    expect(missing).toEqual([]);
  });
} else if (missing.length > 0) {
  const majors = missing.map(({ major }) => major).join(', ');
  process.stderr.write(`nodes.test.js: Node ${majors} skipped: ${missing[0].reason}\n`);
}

describe.each(nodes.map((node) => [node.version, node]))('on Node %s', (version, { bin }) => {
  test('the child uses this version', async () => {
    const { stdout } = await run('children/version.js', [], { node: bin });
    expect(JSON.parse(stdout)).toEqual({ version, state: 'disabled' });
  });

  describe.each([
    ['is healthy', () => receiver.endpoint],
    ['hangs', () => hanging()],
  ])('with queued turns and a collector that %s', (_, endpoint) => {
    test.each(ENDS)('a process ends as without the addon: %s, %j', async (way, { code = null, signal = null, prints }) => {
      const options = way === 'forever' ? { onOutput: (child) => setTimeout(() => child.kill(signal), 20) } : {};
      const { entries, tookMs, stderr, code: ended, signal: by } = await ending(way, await endpoint(), options);
      expect({ code: ended, signal: by }).toEqual({ code, signal });
      expect(entries.queued).toBeGreaterThan(0);
      if (prints === undefined) expect(stderr).toBe('');
      expect(stderr).toContain(prints ?? '');
      expect(stderr).not.toMatch(OURS);
      expect(tookMs).toBeLessThan(AT_ONCE_MS);
    });
  });

  test('a shutdown in the exit handler delivers queued turns', async () => {
    const { entries, ...end } = await ending('exitHandler', receiver.endpoint);
    expect(end).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(entries.queued).toBeGreaterThan(0);
    expect(sumOf(receiver.series(), TURNS)).toBe(entries.accepted);
  });

  test('a shutdown in the exit handler takes at most two seconds', async () => {
    const { tookMs, ...end } = await ending('exitHandler', await hanging());
    expect(end).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(tookMs).toBeLessThan(LIMIT_MS);
  });

  test('an idle process ends as soon as without the addon', async () => {
    const took = { idle: [], without: [] };
    // Both run at the same time, so that other load affects both.
    for (let i = 0; i < 5; i += 1) {
      for (const way of Object.keys(took)) {
        const { tookMs, entries, code } = await ending(way, receiver.endpoint, { isStarted: way === 'idle' });
        expect({ code, waiting: entries?.queued }).toEqual({ code: 0, waiting: way === 'idle' ? 0 : undefined });
        took[way].push(tookMs);
      }
    }
    expect(median(took.idle) - median(took.without)).toBeLessThan(IDLE_MS);
  });

  test('worker threads can end in every way at any time', async () => {
    const { ends, took, status } = await lived('workersAtRandom', receiver.endpoint);
    expect({ took, workers: ends.length, ways: new Set(ends).size }).toEqual({ took: true, workers: 20, ways: 4 });
    expect(status).toMatchObject({ state: 'active', entries: { rejected: 0 } });
    expect(status.entries.accepted).toBeGreaterThan(100 + ends.length);
  });

  test('a forked process has its own instance', async () => {
    const { own, child } = await lived('forks', receiver.endpoint, { starts: 2 });
    expect(own).toEqual({ delivered: true, accepted: 100 });
    expect(child).toEqual({ delivered: true, accepted: 100, code: 0 });
    expect(new Set(receiver.series().map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
    expect(sumOf(receiver.series(), TURNS)).toBe(200);
  });

  test('several contexts share one instance', async () => {
    expect(await lived('realms', receiver.endpoint)).toMatchObject({ states: ['active', 'active'], entries: { accepted: 3 } });
  });

  test('the addon can be loaded twice', async () => {
    expect(await lived('loadedTwice', receiver.endpoint)).toMatchObject({ same: false, again: 'active', entries: { accepted: 101 } });
  });

  test('a copy at another path is another instance', async () => {
    expect(await lived('copied', receiver.endpoint, { starts: 2 })).toEqual({ delivered: [true, true], accepted: [100, 100] });
    expect(sumOf(receiver.series(), TURNS)).toBe(200);
  });

  /** Runs `children/ending.js`; `tookMs` is the time from the beginning of its end, `stderr` its output after the notice. */
  async function ending(way, endpoint, { isStarted = true, onOutput } = {}) {
    // An abort would write a core dump if that were not prohibited.
    const under = isWindows ? [] : ['sh', '-c', 'ulimit -c 0 && exec "$@"', 'sh'];
    const { code, signal, stdout, stderr, timedOut } = await run('children/ending.js', [way, endpoint, home], { node: bin, under, onOutput });
    const gone = Date.now();
    expect(timedOut).toBe(false);
    const { entries, at } = JSON.parse(stdout);
    return { code, signal, entries, tookMs: gone - at, stderr: afterNotice(stderr, isStarted ? on(endpoint) : '') };
  }

  /** Runs `children/lifecycle.js`, which must succeed and print nothing but its notices on standard error. */
  async function lived(way, endpoint, { starts = 1 } = {}) {
    const { code, signal, stdout, stderr } = await run('children/lifecycle.js', [way, endpoint, home], { node: bin });
    // The error of a worker is not printed, because there is a listener.
    expect({ code, signal, stderr: afterNotice(stderr, on(endpoint).repeat(starts)) }).toEqual({ code: 0, signal: null, stderr: '' });
    return JSON.parse(stdout);
  }
});

/** The output after the notice, which must come first. */
function afterNotice(stderr, notice) {
  expect(stderr.slice(0, notice.length)).toBe(notice);
  return stderr.slice(notice.length);
}

function median(numbers) {
  const sorted = Float64Array.from(numbers);
  sorted.sort();
  return sorted[sorted.length >> 1];
}
