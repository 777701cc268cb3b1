'use strict';

const fs = require('node:fs');

const { amountsOf } = require('../../testkit/backends/fleet-turns');
const { describeWith } = require('../../testkit/backends/program');
const clock = require('../../testkit/faults/clock-shift');
const { sumOfAmounts } = require('../../testkit/pending/amounts');
const { storeBackends } = require('../../testkit/pending/backends');
const { offlineProject, pendingFiles, unclearInstances } = require('../../testkit/pending/project');
const { problemsOf, runRecorder } = require('../../testkit/pending/recorders');
const { projects } = require('../../testkit/scratch/projects');

const places = projects();
/** `npm run test:long` starts 50. */
const RESTARTS = Number(process.env.OFFLINE_RESTARTS ?? 6);
/** How many processes start at once, and how often. */
const AT_ONCE = 4;
const ROUNDS = RESTARTS > 20 ? 10 : 2;
/** Within each of the first requests of an export, of which each takes 400 ms. */
const HURRIES_MS = [200, 600, 1000, 1400, 1800];
const DAY_SECONDS = 86_400;
/** What one process can take on a busy machine, with its start and its exit. */
const PROCESS_MS = 4000;

/** Without a C compiler, no clock can be shifted. */
const withClock = clock.isAvailable() ? test : test.skip;
if (!clock.isAvailable()) process.stderr.write('offline-outage.test.js: the week without a collector is skipped, because there is no C compiler\n');

for (const [title, programs, start] of storeBackends(process.env)) {
  describeWith(title, programs, () => {
    let backend;
    let init;
    let runs;

    beforeEach(async () => {
      backend = await start();
      init = offlineProject(places, { endpoint: backend.gate.endpoint, temporality: backend.temporality });
      runs = [];
    }, 60_000);
    afterEach(() => backend.close());

    /** A process with turns of its own. */
    async function record(plan, options) {
      const run = await runRecorder(init, { first: runs.length * 10, ...plan }, options);
      runs.push(run);
      return run;
    }

    /** After the backend has everything: what was recorded is there once, and nothing waits. */
    async function expectAll(unclear) {
      expect(await problemsOf(runs, backend, unclear)).toEqual([]);
      const sums = await backend.sums();
      expect(sumOfAmounts(sums.values())).toEqual(amountsOf(runs.map(({ first, attempted }) => ({ first, recorded: attempted }))));
      expect(backend.repeated()).toEqual(new Map());
      expect(pendingFiles(init)).toEqual([]);
    }

    test(`the sums of ${RESTARTS} processes without a collector are exact in the end`, async () => {
      backend.gate.set('down');
      for (let i = 0; i < RESTARTS; i += 1) {
        expect(await record()).toMatchObject({ code: 0, final: { isDelivered: false, dropped: { shutdown: 0 } } });
      }
      expect(pendingFiles(init)).toHaveLength(RESTARTS);
      expect(backend.gate.taken).toBe(0);
      const unclear = unclearInstances(init);
      backend.gate.set('up');
      expect(await record({ flushMs: 30_000 })).toMatchObject({ final: { isDelivered: true } });
      await expectAll(unclear);
    }, 30_000 + RESTARTS * PROCESS_MS);

    test('the increases of processes whose collector never answered are exact, too', async () => {
      backend.gate.set('hangs');
      for (let i = 0; i < 3; i += 1) await record();
      expect(unclearInstances(init)).toEqual(new Set());
      backend.gate.set('up');
      await record({ flushMs: 10_000 });
      await expectAll();
    }, 60_000);

    test('several processes that start at once deliver each file once', async () => {
      const unclear = new Set();
      for (let round = 0; round < ROUNDS; round += 1) {
        backend.gate.set('down');
        await atOnce();
        for (const instance of unclearInstances(init)) unclear.add(instance);
        backend.gate.set('up');
        await atOnce();
      }
      // What was claimed by none of them.
      await record();
      await expectAll(unclear);
    }, 30_000 + ROUNDS * 2 * AT_ONCE * PROCESS_MS);

    /** Each gets its turns before any of them runs. */
    async function atOnce() {
      const first = runs.length * 10;
      runs.push(...await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => runRecorder(init, { first: first + i * 10, flushMs: 2000 }))));
    }

    test.each(HURRIES_MS)('a process that ends %i ms after its first export has begun sends nothing twice', async (hurryMs) => {
      backend.gate.set('down');
      for (let i = 0; i < 2; i += 1) await record();
      const unclear = unclearInstances(init);
      backend.gate.set('answersLate');
      expect(await record({ flushEvery: 0, flushMs: 5000, end: 'hurry', hurryMs })).toMatchObject({ attempted: 4, confirmed: 4 });
      backend.gate.set('up');
      await record({ flushMs: 5000 });
      expect(await problemsOf(runs, backend, new Set([...unclear, runs[2].instance]))).toEqual([]);
      const again = runs.slice(0, 2).map(({ instance }) => backend.repeated().get(instance) ?? 0);
      const counted = runs.map(({ repeated }) => repeated);
      expect(totalOf(again)).toBeLessThanOrEqual(totalOf(counted));
      expect(pendingFiles(init)).toEqual([]);
    }, 60_000);

    test('a process that is killed after it has tried twice to deliver a file leaves the rest of it', async () => {
      backend.gate.set('down');
      await record({ turns: 4, flushEvery: 2 });
      const unclear = unclearInstances(init);
      // Its own sums and the first request of the file are taken, the second one is not, and all of this once more.
      const answers = ['up', 'up', 'hangs', 'up', 'up'];
      if (backend.temporality === 'cumulative') answers.unshift('up');
      backend.gate.choose = () => answers.shift() ?? 'hangs';
      expect(await record({ turns: 2, flushEvery: 1, flushMs: 400, end: 'wait' }, { killAfterMs: 1600 })).toMatchObject({ signal: 'SIGKILL' });
      backend.gate.set('up');
      await record({ flushMs: 10_000 });
      expect(await problemsOf(runs, backend, new Set([...unclear, runs[1].instance]))).toEqual([]);
      expect(pendingFiles(init)).toEqual([]);
    }, 60_000);

    withClock('a week without a collector is delivered afterwards', async () => {
      const shift = clock.clockShift();
      try {
        backend.gate.set('down');
        for (let daysAgo = 7; daysAgo >= 0; daysAgo -= 1) {
          shift.set(-daysAgo * DAY_SECONDS);
          const before = new Set(pendingFiles(init));
          expect(await record({}, { env: shift.env })).toMatchObject({ code: 0, final: { dropped: { shutdown: 0 } } });
          // The clock of the file system is not shifted.
          for (const file of pendingFiles(init).filter((one) => !before.has(one))) setAge(file, daysAgo);
        }
        expect(pendingFiles(init)).toHaveLength(8);
        const unclear = unclearInstances(init);
        backend.gate.set('up');
        await record({ flushMs: 10_000 });
        await expectAll(unclear);
      } finally {
        shift.remove();
      }
    }, 30_000 + 10 * PROCESS_MS);

    test('a month without a collector is counted as expired', async () => {
      backend.gate.set('down');
      await record();
      const [old] = pendingFiles(init);
      setAge(old, 31);
      backend.gate.set('up');
      expect(await record()).toMatchObject({ final: { dropped: { expired: 1 } } });
      const { instance, ...late } = runs.shift();
      expect(late.attempted).toBeGreaterThan(0);
      expect((await backend.sums()).has(instance)).toBe(false);
      await expectAll();
    }, 30_000);
  });
}

function totalOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function setAge(file, days) {
  const seconds = Date.now() / 1000 - days * DAY_SECONDS;
  fs.utimesSync(file, seconds, seconds);
}
