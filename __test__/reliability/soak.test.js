'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { main } = require('../../scripts/soak');
const { judge } = require('../../testkit/soak/judge');
const { phasesOf, DISTURBANCES, FAULTS } = require('../../testkit/soak/plan');
const { trend } = require('../../testkit/soak/trend');

jest.setTimeout(60_000);

/** With this seed the collector is healthy for five seconds, then answers 500. */
const SEED = '135';
const MEBIBYTE = 1024 * 1024;
const SAMPLES_AN_HOUR = 720;

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-soak-test-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** It reads /proc. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a soak of ten seconds', () => {
  const out = path.join(root, 'seen.json');
  const io = capture();
  let code;
  let result;

  beforeAll(async () => {
    code = await main(['--minutes', '0.17', '--seed', SEED, '--out', out], io);
    result = JSON.parse(fs.readFileSync(out, 'utf8'));
  });

  test('passes, with traffic, failures and samples', () => {
    expect({ code, problems: result.verdict.problems }).toEqual({ code: 0, problems: [] });
    expect(io.stdout).toMatch(/ samples: passed$/m);
    expect(io.stdout).toContain('too short to judge the slopes');
    expect(result.seen.samples.length).toBeGreaterThanOrEqual(1);
    expect(result.seen.receivedDuring['500']).toBeGreaterThan(0);
    const { cumulative, delta, without } = byName(result.seen);
    for (const { last, atCollector } of [cumulative, delta]) {
      expect(last.status.exports).toMatchObject({ delivered: expect.any(Number), failed: expect.any(Number) });
      expect(Math.min(last.status.exports.delivered, last.status.exports.failed)).toBeGreaterThan(0);
      expect(atCollector.turns).toBeGreaterThan(100);
    }
    expect(without.requests).toEqual(cumulative.requests);
    expect(without.last.status).toBeUndefined();
  });

  test('prints its phases before it starts', () => {
    expect(io.stderr).toMatch(/^seed 135, 0.17 minutes:\nhealthy 5 s \(questions\), 500 5 s \(disk\)\n/);
  });

  /** A change to the result of a soak that passed, and the problem that must be reported. */
  const changes = [
    ['a turn that is missing', ({ cumulative }) => { cumulative.atCollector.turns -= 1; }, /^cumulative: turns: the collector has \d+, and \d+ were recorded$/],
    ['a turn that arrived twice', ({ delta }) => { delta.atCollector.turns += 1; }, /^delta: turns: /],
    ['tokens that are missing', ({ delta }) => { delta.atCollector.output -= 1; }, /^delta: output: /],
    ['one cent too much', ({ cumulative }) => { cumulative.atCollector.cost += 0.01; }, /^cumulative: cost: /],
    ['a point that was sent twice', (_, seen) => { seen.duplicates.push({ metric: 'x' }); }, /^delta: 1 points were sent twice/],
    ['a broken invariant', ({ delta }) => { delta.broken.push('one and one is two'); }, /^delta: one and one is two$/],
    ['an entry that stays in the queue', ({ delta }) => { delta.last.status.entries.queued = 1; }, /^delta: 1 entries were left in the queue$/],
    ['a backlog that stays', ({ delta }) => { delta.last.status.exports.backlog.requests = 3; }, /^delta: 3 requests were left in the backlog$/],
    ['an hour with more than the total', ({ delta }) => { delta.last.status.lastHour.delivered += 1; }, /^delta: delivered: \d+ in all, \d+ in the last day, \d+ in the last hour$/],
    ['a day with less than the total', ({ delta }) => { delta.last.status.lastDay.processed -= 1; }, /^delta: processed: /],
    ['a worker that could not be started', (_, seen) => { seen.incidents.push('worker, after 3 s: no'); }, /^worker, after 3 s: no$/],
    ['a line on standard error', ({ cumulative }) => { cumulative.stderr += 'panicked'; }, /^cumulative: standard error has .*panicked/],
    ['a host that crashed at the end', ({ cumulative }) => { cumulative.end = { code: null, signal: 'SIGSEGV' }; }, /^cumulative: the host ended with SIGSEGV$/],
    ['a host that crashed in the middle', ({ delta }) => { Object.assign(delta, { isEarly: true, last: undefined }); }, /^delta: the host ended in the middle/],
    ['a slow shutdown', ({ delta }) => { delta.last.shutdownMs = 3000; }, /^delta: the shutdown took 3000 ms$/],
    ['a request that failed', ({ cumulative }) => { cumulative.requests.sent += 1; }, /^cumulative: of \d+ requests \d+ were answered/],
    ['a request without a turn', ({ cumulative }) => { cumulative.last.own -= 1; }, /^cumulative: \d+ requests were answered, and \d+ turns recorded$/],
    ['a collector that received nothing', ({ cumulative }) => { cumulative.last.status.exports.delivered = 0; }, /^cumulative: nothing was delivered$/],
    ['faults without a failed export', ({ cumulative }) => { cumulative.last.status.exports.failed = 0; }, /^cumulative: the collector had faults, and no export failed$/],
    ['a secret in a log', ({ delta }) => { delta.files.push('otel.log contains a secret'); }, /^delta: otel.log contains a secret$/],
    ['a redirect that was followed', (_, seen) => { seen.elsewhere = 1; }, /^a redirect was followed 1 times$/],
    ['slow answers', ({ delta }) => { delta.latencyMs.p50 += 100; }, /^delta: the median of the answers is/],
    ['some slow answers', ({ delta }) => { delta.latencyMs.p99 += 1000; }, /^delta: the 99th percentile of the answers is/],
    ['memory that grows', (_, seen) => hourOf(seen, (sample, hours) => { sample.hosts.delta.rss += 10 * MEBIBYTE * hours; }), /^delta: memory, MiB grow by (9|10|11)\.\d\d an hour/],
    ['descriptors that leak', (_, seen) => hourOf(seen, (sample, hours) => { sample.hosts.cumulative.fds += Math.floor(4 * hours); }), /^cumulative: descriptors grow by/],
    ['threads that leak', (_, seen) => hourOf(seen, (sample, hours) => { sample.hosts.cumulative.threads += Math.floor(4 * hours); }), /^cumulative: threads grow by/],
  ];

  test.each(changes)('would fail with %s', (_, change, problem) => {
    const { seen } = structuredClone(result);
    change(byName(seen), seen);
    expect(judge(seen).problems).toContainEqual(expect.stringMatching(problem));
  });

  test('would pass after an hour without growth', () => {
    const { seen } = structuredClone(result);
    hourOf(seen, (sample, hours) => { sample.hosts.cumulative.rss += (Math.round(hours * SAMPLES_AN_HOUR) % 7) * MEBIBYTE; });
    expect(judge(seen)).toMatchObject({ problems: [], notes: [] });
  });
});

onLinux('a soak of an addon that loses turns', () => {
  test('fails and reports why', async () => {
    const io = capture();
    expect(await main(['--minutes', '0.1', '--seed', SEED, '--addon', require.resolve('../../testkit/soak/forgetful-addon')], io)).toBe(1);
    expect(io.stdout).toMatch(/^WRONG: cumulative: after \d+ s: accepted = calls of record that returned true, but /m);
    expect(io.stdout).toMatch(/^WRONG: delta: /m);
    expect(io.stdout).toMatch(/ samples: failed with \d+ problems$/m);
  });
});

describe('the plan', () => {
  test('depends on the seed only', () => {
    expect(phasesOf(7, 600_000)).toEqual(phasesOf(7, 600_000));
    expect(phasesOf(7, 600_000)).not.toEqual(phasesOf(8, 600_000));
  });

  test('of a short soak begins a longer one', () => {
    const [short, long] = [phasesOf(3, 60_000), phasesOf(3, 600_000)];
    expect(long.slice(0, short.length - 1)).toEqual(short.slice(0, -1));
    expect(short.reduce((all, { forMs }) => all + forMs, 0)).toBe(60_000);
  });

  test('of an hour has every fault and disturbance', () => {
    const phases = phasesOf(1, 3_600_000);
    const healthyMs = phases.filter(({ collector }) => collector === 'healthy').reduce((all, { forMs }) => all + forMs, 0);
    expect(phases[0].collector).toBe('healthy');
    expect(healthyMs / 3_600_000).toBeGreaterThan(0.4);
    expect(healthyMs / 3_600_000).toBeLessThan(0.65);
    expect(new Set(phases.map(({ collector }) => collector))).toEqual(new Set(['healthy', ...FAULTS.map(([fault]) => fault)]));
    expect(new Set(phases.flatMap(({ disturbance }) => disturbance?.kind ?? []))).toEqual(new Set(DISTURBANCES.map(([kind]) => kind)));
  });
});

describe('a trend', () => {
  const hours = Array.from({ length: 500 }, (_, i) => i / 500);

  test('of a line is its slope', () => {
    const { slope, error, mean } = trend(hours, hours.map((hour) => 7 + 3 * hour));
    expect([slope, mean]).toEqual([expect.closeTo(3, 9), expect.closeTo(7 + 3 * 0.499, 9)]);
    expect(error).toBeLessThan(1e-9);
  });

  test('with noise is within its standard error', () => {
    const { slope, error } = trend(hours, hours.map((hour, i) => 3 * hour + Math.sin(i * i)));
    expect(error).toBeGreaterThan(0);
    expect(Math.abs(slope - 3)).toBeLessThan(4 * error);
    expect(slope).toBeGreaterThan(3 * error);
  });

  test('of slow oscillation has a large error', () => {
    const slow = trend(hours, hours.map((hour) => Math.sin(5 * hour)));
    const quick = trend(hours, hours.map((_, i) => Math.sin(i * i)));
    expect(slow.error).toBeGreaterThan(4 * quick.error);
  });

  test('of fewer than three samples is zero', () => {
    expect(trend([], [])).toMatchObject({ slope: 0, error: Infinity });
    expect(trend([1, 2], [1, 2])).toMatchObject({ slope: 0, error: Infinity });
  });
});

describe('the command line', () => {
  test.each([
    [['--minutes', 'x'], '--minutes: "x" is not a number above 0 and up to 1320. See: npm run test:soak -- --help\n'],
    [['--minutes', '0'], '--minutes: "0" is not a number above 0 and up to 1320. See: npm run test:soak -- --help\n'],
    [['--seed', '-1'], expect.stringContaining('--seed')],
    [['--sed', '1'], expect.stringContaining('--sed')],
  ])('rejects %j', async (argv, message) => {
    const io = capture();
    expect(await main(argv, io)).toBe(2);
    expect(io).toMatchObject({ stdout: '', stderr: message });
  });

  test('prints its help', async () => {
    const io = capture();
    expect(await main(['--help'], io)).toBe(0);
    expect(io).toMatchObject({ stdout: expect.stringContaining('--minutes N'), stderr: '' });
  });
});

function capture() {
  const io = { stdout: '', stderr: '' };
  io.out = (text) => { io.stdout += text; };
  io.err = (text) => { io.stderr += text; };
  return io;
}

function byName({ hosts }) {
  return Object.fromEntries(hosts.map((host) => [host.name, host]));
}

/** Makes the soak an hour long: copies of its first sample, each changed by `add`. */
function hourOf(seen, add) {
  const [first] = seen.samples;
  seen.minutes = 60;
  seen.samples = Array.from({ length: SAMPLES_AN_HOUR }, (_, i) => ({ ...structuredClone(first), atMs: i * 5000 }));
  for (const [i, sample] of seen.samples.entries()) add(sample, i / SAMPLES_AN_HOUR);
}
