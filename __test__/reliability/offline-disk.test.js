'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const clock = require('../../testkit/faults/clock-shift');
const { hangingDisk } = require('../../testkit/faults/hanging-disk');
const { faultLab } = require('../../testkit/faults/lab');
const disk = require('../../testkit/faults/mount');
const { trial } = require('../../testkit/faults/trial');
const { startReceivingBackend } = require('../../testkit/pending/backends');
const { offlineProject, pendingDirectory, pendingFiles } = require('../../testkit/pending/project');
const { problemsOf, runRecorder } = require('../../testkit/pending/recorders');
const { projects } = require('../../testkit/scratch/projects');
const { eventually, sleep } = require('../../testkit/waiting');

const lab = faultLab();
const { collector, cleanup } = lab;
const places = projects();

const TEMPORALITIES = ['cumulative', 'delta'];
const PENDING = path.join('otel', 'pending');
/** A shutdown takes two seconds at most. The rest is the start and the exit of a process on a busy machine. */
const PROCESS_LIMIT_MS = 8000;
/** No call of `record` waits for a disk, but a call can wait for a processor. */
const RECORD_LIMIT_MS = 250;

const onUnix = process.platform === 'win32' ? describe.skip : describe;
const withMounts = disk.isPermitted() ? describe : describe.skip;
const withLibrary = clock.isAvailable() ? describe : describe.skip;

for (const [isPossible, what] of [
  [disk.isPermitted(), 'tests of full and read-only disks are skipped, because mounting is not permitted'],
  [clock.isAvailable(), 'tests of a hanging disk are skipped, because there is no C compiler'],
]) {
  if (!isPossible) process.stderr.write(`offline-disk.test.js: ${what}\n`);
}

describe.each(TEMPORALITIES)('with %s sums, a host whose exports fail is not affected, and loses nothing, while', (temporality) => {
  const env = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality };

  onUnix('the files cannot be written because', () => {
    test.each([
      ['a file has the name of their directory', (home) => inPlaceOfDirectory(home, (place) => fs.writeFileSync(place, ''))],
      ['a broken link has the name of their directory', (home) => inPlaceOfDirectory(home, (place) => fs.symlinkSync('/nowhere/at/all', place))],
    ])('%s', async (_, prepare) => {
      const status = await undisturbed({ env, prepare });
      expect(status.files.lost).toBeGreaterThan(0);
    });
  });

  withMounts('the disk', () => {
    test('is read-only', async () => {
      const { directory } = mounted('ro,size=64k');
      const status = await undisturbed({ env: { ...env, CCXRAY_HOME: directory } });
      expect(status.files.lost).toBeGreaterThan(0);
      expect(fs.readdirSync(directory)).toEqual([]);
    });

    test('is full, and then is not', async () => {
      const { directory, fill, free } = mounted('size=128k');
      fill();
      const status = await undisturbed({ env: { ...env, CCXRAY_HOME: directory } }, free);
      expect(status.files.lost).toBeGreaterThan(0);
      expect(leftIn(path.join(directory, PENDING))).toEqual([]);
    });
  });

  withLibrary('the disk', () => {
    test('hangs, and then does not', async () => {
      const hanging = hangingFor();
      hanging.set(true);
      await undisturbed({ env: { ...env, ...hanging.env } }, () => hanging.set(false));
    });
  });
});

describe.each(TEMPORALITIES)('a process with %s sums that ends while its exports fail', (temporality) => {
  let backend;
  let init;

  beforeEach(async () => {
    backend = await startReceivingBackend(temporality);
    cleanup(() => backend.close());
    init = offlineProject(places, { endpoint: backend.gate.endpoint, temporality });
    backend.gate.set('down');
  });

  /** Runs it, and checks that it has not waited for the disk. */
  async function record(plan, options) {
    const begun = performance.now();
    const run = await runRecorder(init, plan, options);
    expect(performance.now() - begun).toBeLessThan(PROCESS_LIMIT_MS);
    expect(run.slowest).toBeLessThan(RECORD_LIMIT_MS);
    return run;
  }

  /** The backend is up again: it gets what was safe, and nothing of it twice. */
  async function expectOf(...runs) {
    backend.gate.set('up');
    const last = await runRecorder(init, { first: 100, flushMs: 10_000 });
    expect(last).toMatchObject({ final: { isDelivered: true, dropped: { shutdown: 0 } } });
    const all = [...runs, last];
    expect(await problemsOf(all, backend, new Set(runs.map(({ instance }) => instance)))).toEqual([]);
    expect(leftIn(pendingDirectory(init))).toEqual([]);
    return backend.sums();
  }

  withMounts('on a full disk', () => {
    let mount;

    beforeEach(() => {
      mount = mounted('size=128k');
      init.env.CCXRAY_HOME = mount.directory;
    });

    test('counts what it could not store, and leaves no part of a file', async () => {
      mount.fill();
      const run = await record();
      expect(run).toMatchObject({ code: 0, confirmed: 0, final: { dropped: { shutdown: 1 } } });
      mount.free();
      expect(leftIn(pendingDirectory(init))).toEqual([]);
      expect((await expectOf(run)).has(run.instance)).toBe(false);
    });

    test('keeps the file that it had written before', async () => {
      const recording = record({ turns: 60, flushEvery: 20, flushMs: 200, pauseMs: 20 });
      await eventually(() => pendingFiles(init).length, (count) => count === 1);
      mount.fill();
      const run = await recording;
      expect(run).toMatchObject({ code: 0, final: { dropped: { shutdown: expect.any(Number) } } });
      expect(run.final.dropped.shutdown).toBeGreaterThan(0);
      mount.free();
      const sums = await expectOf(run);
      expect(sums.get(run.instance).turns).toBeGreaterThan(0);
      expect(sums.get(run.instance).turns).toBeLessThan(run.attempted);
    });

    test('stores everything if there is space by then', async () => {
      mount.fill();
      const recording = record({ turns: 40, flushEvery: 20, flushMs: 200, pauseMs: 30 });
      await sleep(1000);
      mount.free();
      const run = await recording;
      expect(run).toMatchObject({ code: 0, confirmed: 40, final: { dropped: { shutdown: 0 } } });
      await expectOf(run);
    });
  });

  withMounts('in a home that cannot be written', () => {
    test('counts what it could not store', async () => {
      const usual = init.env.CCXRAY_HOME;
      init.env.CCXRAY_HOME = mounted('ro,size=64k').directory;
      const run = await record();
      expect(run).toMatchObject({ code: 0, confirmed: 0, final: { dropped: { shutdown: 1 } } });
      init.env.CCXRAY_HOME = usual;
      await expectOf(run);
    });
  });

  withLibrary('on a disk that hangs', () => {
    test('ends in time, and counts what it could not store', async () => {
      const hanging = hangingFor();
      hanging.set(true);
      const run = await record({}, { env: hanging.env });
      expect(run).toMatchObject({ code: 0, confirmed: 0, final: { dropped: { shutdown: 1 } } });
      await expectOf(run);
    });

    test('keeps the file that it had written before', async () => {
      const hanging = hangingFor();
      const recording = record({ turns: 60, flushEvery: 20, flushMs: 200, pauseMs: 20 }, { env: hanging.env });
      await eventually(() => pendingFiles(init).length, (count) => count === 1);
      hanging.set(true);
      const run = await recording;
      expect(run.final.dropped.shutdown).toBeGreaterThan(0);
      expect((await expectOf(run)).get(run.instance).turns).toBeGreaterThan(0);
    });

    test('is delivered by another process if the next one could not read its file in time', async () => {
      const ended = await record();
      const hanging = hangingFor();
      hanging.set(true);
      backend.gate.set('up');
      const slow = runRecorder(init, { first: 50, flushMs: 250, end: 'wait' }, { env: hanging.env, killAfterMs: 8000 });
      // Its flush is over by then.
      await sleep(2000);
      hanging.set(false);
      await sleep(300);
      const last = await runRecorder(init, { first: 100, flushMs: 5000 });
      expect(last).toMatchObject({ final: { isDelivered: true } });
      expect((await backend.sums()).get(ended.instance)).toMatchObject({ turns: 3 });
      await slow;
    }, 30_000);
  });
});

/** Runs a host whose exports fail, then succeed. `repair` is what happens to the disk before. Returns the status. */
async function undisturbed(options, repair = () => {}) {
  const backend = await collector();
  const { status, ending } = await trial(lab, {
    endpoint: backend.endpoint,
    options,
    expected: { state: 'active', exports: { failed: 3, consecutiveFailures: 0 } },
    classes: null,
    async trouble(running) {
      await backend.setFault('500');
      for (let i = 0; i < 3; i += 1) await delivering(running, false);
      repair();
      await backend.setFault('healthy');
      await delivering(running, true);
      // Gives the file-writer thread time to fail.
      await sleep(300);
    },
  });
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
  expect(backend.overlaps).toEqual([]);
  expect(ending.final.status.exports.dropped).toMatchObject({ shutdown: 0, store_full: 0 });
  return status;
}

/** Makes a turn and flushes. */
async function delivering(running, expected) {
  await running.request();
  expect(await running.flush(expected ? 5000 : 1500)).toEqual([expected]);
}

function inPlaceOfDirectory(home, make) {
  const place = path.join(home, '.ccxray', PENDING);
  fs.mkdirSync(path.dirname(place), { recursive: true, mode: 0o700 });
  make(place);
}

/** What is in a directory, without lock files. */
function leftIn(directory) {
  return fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => !name.endsWith('.lock')) : [];
}

/** A disk that exists for one test. */
function mounted(options) {
  const made = disk.mount(options);
  cleanup(() => made.unmount());
  return made;
}

function hangingFor() {
  const made = hangingDisk(`/${PENDING}/`);
  cleanup(() => {
    made.set(false);
    made.remove();
  });
  return made;
}
