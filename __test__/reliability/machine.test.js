'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const clock = require('../../testkit/faults/clock-shift');
const { memoryLimit } = require('../../testkit/faults/memory-limit');
const disk = require('../../testkit/faults/mount');
const { stage } = require('../../testkit/faults/stage');
const { trial } = require('../../testkit/faults/trial');
const { sleep } = require('../../testkit/waiting');

const on = stage();
const { collector, cleanup } = on;

const MIB = 1024 * 1024;
const DAY_SECONDS = 86_400;
const WELL = { state: 'active', exports: { failed: 0, dropped: { rejected: 0, partial_success: 0, shutdown: 0 } } };

const onUnix = process.platform === 'win32' ? test.skip : test;
const withMounts = disk.isPermitted() ? test : test.skip;
const withClock = clock.isAvailable() ? test : test.skip;
const group = memoryLimit(384 * MIB);
const withLimit = group ? test : test.skip;

afterAll(() => group?.remove());

for (const [isThere, what] of [
  [disk.isPermitted(), 'full and read-only disks are skipped, for nothing can be mounted here'],
  [clock.isAvailable(), 'a clock that jumps is skipped, for there is no C compiler to make one with'],
  [group, 'memory pressure is skipped, for no control group can be made here'],
]) {
  if (!isThere) process.stderr.write(`faults-machine.test.js: ${what}\n`);
}

describe('the host does not notice that nothing can be written:', () => {
  /** What stands where the files should be. */
  const obstacles = [
    ['a directory has the name of the log', (home) => fs.mkdirSync(logOf(home), { recursive: true })],
    ['a file has the name of the directory', (home) => fs.writeFileSync(path.join(home, '.ccxray'), '')],
    ['a link that leads nowhere has the name of the directory', (home) => fs.symlinkSync('/nowhere/at/all', path.join(home, '.ccxray'))],
  ];

  onUnix.each(obstacles)('%s', async (_, prepare) => {
    const { status } = await undisturbed({ prepare });
    expect(status.files).toMatchObject({ lastError: expect.any(String) });
    expect(status.files.lost).toBeGreaterThan(0);
  });

  onUnix('the log is a pipe that nobody reads, so that writing hangs', async () => {
    await undisturbed({ prepare: pipeForLog });
  });

  withMounts('the disk is read-only', async () => {
    const { directory } = mounted('ro,size=64k');
    const { status } = await undisturbed({ env: { CCXRAY_HOME: directory } });
    expect(status.files.lost).toBeGreaterThan(0);
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  withMounts('the disk is full; and what comes once there is room is written', async () => {
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

onUnix('the host does not notice that the addon can open nothing any more, and everything arrives once it can', async () => {
  const backend = await collector();
  const { status, ending } = await trial(on, {
    endpoint: backend.endpoint,
    options: { under: ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'] },
    expected: { state: 'active', exports: { failed: 3, consecutiveFailures: 0, lastError: 'no connection' } },
    classes: null,
    async trouble(running) {
      await delivering(running, true);
      // Its connection is cut first, for it could use that one's number again.
      await backend.become('refuses');
      await sleep(200);
      const { code, opened } = await running.ask('exhaust');
      expect(code).toBe('EMFILE');
      expect(opened).toBeGreaterThan(100);
      await backend.become('well');
      for (let i = 0; i < 3; i += 1) await delivering(running, false);
      await running.ask('release');
      await delivering(running, true);
    },
  });
  expect(status.exports.delivered).toBeGreaterThanOrEqual(2);
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.truth));
});

describe('the host does not notice that the clock jumps a day ahead and a day back,', () => {
  withClock.each(['cumulative', 'delta'])('with %s temporality', async (temporality) => {
    const backend = await collector();
    const shift = clock.clockShift();
    cleanup(() => shift.remove());
    const { status, ending } = await trial(on, {
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
        await backend.become('500');
        for (let i = 0; i < 5; i += 1) await delivering(running, false);
        for (const days of [1, -1]) {
          shift.set(days * DAY_SECONDS);
          await delivering(running, false);
          const { state, cooldownRemainingMs } = await running.status();
          expect(state).toBe('circuit_open');
          expect(cooldownRemainingMs).toBeGreaterThan(30_000);
          expect(cooldownRemainingMs).toBeLessThanOrEqual(60_000);
        }
        await backend.become('well');
      },
    });
    // A backend puts a cumulative point where its time says, so that the last one to come need not be the newest.
    if (temporality === 'delta') expect(amountsAt(backend)).toEqual(amountsOf(ending.final.truth));
    expect(ending.final.status.exports.delivered).toBe(status.exports.delivered + 1);
    expect(backend.broken).toEqual([]);
  });
});

onUnix('a host that was stopped for three seconds goes on as if nothing had been', async () => {
  const backend = await collector();
  const { ending } = await trial(on, {
    endpoint: backend.endpoint,
    options: { env: { OTEL_METRIC_EXPORT_INTERVAL: '1000' } },
    expected: WELL,
    still: true,
    async trouble(running) {
      await delivering(running, true);
      running.signal('SIGSTOP');
      await sleep(3000);
      running.signal('SIGCONT');
      await delivering(running, true);
    },
  });
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.truth));
});

withLimit('a host that has little memory left records large turns, and processes', async () => {
  const backend = await collector();
  const { ending } = await trial(on, {
    endpoint: backend.endpoint,
    options: { under: group.under },
    expected: WELL,
    growth: (160 + 64 + 64) * MIB,
    async trouble(running) {
      await running.ask('ballast', { mebibytes: 160 });
      const { made, wrong, maxRss } = await running.ask('drive', { perSecond: 100, bytes: 500_000, forMs: 3000 });
      expect(wrong).toEqual([]);
      expect(maxRss).toBeGreaterThan(200 * MIB);
      await delivering(running, true);
      return made;
    },
  });
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.truth));
});

/** Exports fail, which is worth a line, and get through in the end; `options` are the host's. */
async function undisturbed(options, after) {
  const backend = await collector();
  const seen = await trial(on, {
    endpoint: backend.endpoint,
    options,
    expected: { state: 'active', exports: { failed: 2, consecutiveFailures: 0 } },
    classes: null,
    async trouble(running) {
      await backend.become('500');
      for (let i = 0; i < 2; i += 1) await delivering(running, false);
      await backend.become('well');
      await delivering(running, true);
      // Time for the thread that writes to find out.
      await sleep(300);
    },
    after,
  });
  expect(amountsAt(backend)).toEqual(amountsOf(seen.ending.final.truth));
  return seen;
}

function logOf(home) {
  return path.join(home, '.ccxray', 'otel.log');
}

function pipeForLog(home) {
  fs.mkdirSync(path.dirname(logOf(home)));
  execFileSync('mkfifo', [logOf(home)]);
}

/** The directory of a disk that is there for one test. */
function mounted(options) {
  const made = disk.mount(options);
  cleanup(() => made.unmount());
  return made;
}

/** A turn, and a flush that says whether it arrived. */
async function delivering(running, expected) {
  await running.request();
  expect(await running.flush(expected ? 5000 : 250)).toEqual([expected]);
}
