'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const clock = require('../../testkit/faults/clock-shift');
const { memoryLimit } = require('../../testkit/faults/memory-limit');
const disk = require('../../testkit/faults/mount');
const { faultLab } = require('../../testkit/faults/lab');
const { trial } = require('../../testkit/faults/trial');
const { sleep } = require('../../testkit/waiting');

const lab = faultLab();
const { collector, cleanup } = lab;

const MIB = 1024 * 1024;
const DAY_SECONDS = 86_400;
const HEALTHY = { state: 'active', exports: { failed: 0, dropped: { rejected: 0, partial_success: 0, shutdown: 0 } } };

const onUnix = process.platform === 'win32' ? test.skip : test;
const withMounts = disk.isPermitted() ? test : test.skip;
const withClock = clock.isAvailable() ? test : test.skip;
const group = memoryLimit(384 * MIB);
const withLimit = group ? test : test.skip;

afterAll(() => group?.remove());

for (const [isPossible, what] of [
  [disk.isPermitted(), 'tests of full and read-only disks are skipped, because mounting is not permitted'],
  [clock.isAvailable(), 'tests with a shifted clock are skipped, because there is no C compiler'],
  [group, 'tests of memory pressure are skipped, because control groups are not permitted'],
]) {
  if (!isPossible) process.stderr.write(`machine.test.js: ${what}\n`);
}

describe('the host is not affected if files cannot be written because', () => {
  /** What is in the place of the files. */
  const obstacles = [
    ['a directory has the name of the log', (home) => fs.mkdirSync(logOf(home), { recursive: true })],
    ['a file has the name of the directory', (home) => fs.writeFileSync(path.join(home, '.ccxray'), '')],
    ['a broken link has the name of the directory', (home) => fs.symlinkSync('/nowhere/at/all', path.join(home, '.ccxray'))],
  ];

  onUnix.each(obstacles)('%s', async (_, prepare) => {
    const { status } = await undisturbed({ prepare });
    expect(status.files).toMatchObject({ lastError: expect.any(String) });
    expect(status.files.lost).toBeGreaterThan(0);
  });

  onUnix('the log is a pipe without a reader', async () => {
    await undisturbed({ prepare: pipeForLog });
  });

  withMounts('the disk is read-only', async () => {
    const { directory } = mounted('ro,size=64k');
    const { status } = await undisturbed({ env: { CCXRAY_HOME: directory } });
    expect(status.files.lost).toBeGreaterThan(0);
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  withMounts('the disk is full, and later lines are written', async () => {
    const { directory, fill, free } = mounted('size=64k');
    fill();
    const lost = [];
    const { status, ending } = await undisturbed({ env: { CCXRAY_HOME: directory } }, async (running) => {
      lost.push((await running.status()).files.lost);
      free();
    });
    expect(lost[0]).toBeGreaterThan(0);
    expect(ending.final.status.files.written).toBeGreaterThan(status.files.written);
    const last = fs.readFileSync(path.join(directory, 'otel.log'), 'utf8').trimEnd().split('\n').at(-1);
    expect(JSON.parse(last)).toMatchObject({ event: 'transition', to: 'disabled' });
  });
});

onUnix('without free file descriptors nothing is lost', async () => {
  const backend = await collector();
  const { status, ending } = await trial(lab, {
    endpoint: backend.endpoint,
    options: { under: ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'] },
    expected: { state: 'active', exports: { failed: 3, consecutiveFailures: 0, lastError: `Cannot connect to 127.0.0.1:${backend.port}: Too many open files (os error 24).` } },
    classes: null,
    async trouble(running) {
      await delivering(running, true);
      // Its connection is cut first, because it could use the freed descriptor again.
      await backend.setFault('refuses');
      await sleep(200);
      const { code, opened } = await running.send('exhaust');
      expect(code).toBe('EMFILE');
      expect(opened).toBeGreaterThan(100);
      await backend.setFault('healthy');
      for (let i = 0; i < 3; i += 1) await delivering(running, false);
      await running.send('release');
      await delivering(running, true);
    },
  });
  expect(status.exports.delivered).toBeGreaterThanOrEqual(2);
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
});

describe('the host is not affected if the clock jumps by a day', () => {
  withClock.each(['cumulative', 'delta'])('with %s temporality', async (temporality) => {
    const backend = await collector();
    const shift = clock.clockShift();
    cleanup(() => shift.remove());
    const { status, ending } = await trial(lab, {
      endpoint: backend.endpoint,
      options: { env: { ...shift.env, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality } },
      expected: { state: 'circuit_open', exports: { failed: 5 } },
      transitions: ['disabled', 'active', 'circuit_open'],
      classes: ['http_500'],
      async trouble(running) {
        for (const days of [0, 1, 0, -1, 0]) {
          shift.set(days * DAY_SECONDS);
          await delivering(running, true);
          const { exports } = await running.status();
          expect(Math.abs(exports.lastSuccessAtMs - Date.now() - days * DAY_SECONDS * 1000)).toBeLessThan(60_000);
        }
        await backend.setFault('500');
        for (let i = 0; i < 5; i += 1) await delivering(running, false);
        for (const days of [1, -1]) {
          shift.set(days * DAY_SECONDS);
          await delivering(running, false);
          const { state, cooldownRemainingMs } = await running.status();
          expect(state).toBe('circuit_open');
          expect(cooldownRemainingMs).toBeGreaterThan(30_000);
          expect(cooldownRemainingMs).toBeLessThanOrEqual(60_000);
        }
        await backend.setFault('healthy');
      },
    });
    // A backend sorts cumulative points by their time, so the last one to arrive need not be the newest.
    if (temporality === 'delta') expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
    expect(ending.final.status.exports.delivered).toBe(status.exports.delivered + 1);
    expect(backend.broken).toEqual([]);
  });
});

onUnix('a host that was paused for three seconds loses nothing', async () => {
  const backend = await collector();
  const { ending } = await trial(lab, {
    endpoint: backend.endpoint,
    options: { env: { OTEL_METRIC_EXPORT_INTERVAL: '1000' } },
    expected: HEALTHY,
    isPaused: true,
    async trouble(running) {
      await delivering(running, true);
      running.signal('SIGSTOP');
      await sleep(3000);
      running.signal('SIGCONT');
      await delivering(running, true);
    },
  });
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
});

withLimit('a host with little memory records large turns', async () => {
  const backend = await collector();
  const { ending } = await trial(lab, {
    endpoint: backend.endpoint,
    options: { under: group.under },
    expected: HEALTHY,
    growth: (160 + 64 + 64) * MIB,
    async trouble(running) {
      await running.send('ballast', { mebibytes: 160 });
      const { made, wrong, maxRss } = await running.send('drive', { perSecond: 100, bytes: 500_000, forMs: 3000 });
      expect(wrong).toEqual([]);
      expect(maxRss).toBeGreaterThan(200 * MIB);
      await delivering(running, true);
      return made;
    },
  });
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
});

/** Runs a trial in which exports fail, which would be logged, and later succeed. `options` are those of the host. */
async function undisturbed(options, after) {
  const backend = await collector();
  const seen = await trial(lab, {
    endpoint: backend.endpoint,
    options,
    expected: { state: 'active', exports: { failed: 2, consecutiveFailures: 0 } },
    classes: null,
    async trouble(running) {
      await backend.setFault('500');
      for (let i = 0; i < 2; i += 1) await delivering(running, false);
      await backend.setFault('healthy');
      await delivering(running, true);
      // Gives the file-writer thread time to fail.
      await sleep(300);
    },
    after,
  });
  expect(amountsAt(backend)).toEqual(amountsOf(seen.ending.final.recorded));
  return seen;
}

function logOf(home) {
  return path.join(home, '.ccxray', 'otel.log');
}

function pipeForLog(home) {
  fs.mkdirSync(path.dirname(logOf(home)));
  execFileSync('mkfifo', [logOf(home)]);
}

/** A disk that exists for one test. */
function mounted(options) {
  const made = disk.mount(options);
  cleanup(() => made.unmount());
  return made;
}

/** Makes a turn and flushes. */
async function delivering(running, expected) {
  await running.request();
  expect(await running.flush(expected ? 5000 : 250)).toEqual([expected]);
}
