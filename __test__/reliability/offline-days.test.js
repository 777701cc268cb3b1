'use strict';

const fs = require('node:fs');

const { amountsOf } = require('../../testkit/backends/fleet-turns');
const { describeWith } = require('../../testkit/backends/program');
const clock = require('../../testkit/faults/clock-shift');
const { sumOfAmounts } = require('../../testkit/pending/amounts');
const { storeBackends } = require('../../testkit/pending/backends');
const { offlineProject, pendingFiles } = require('../../testkit/pending/project');
const { runRecorder } = require('../../testkit/pending/recorders');
const { run } = require('../../testkit/process/run');
const { projects } = require('../../testkit/scratch/projects');

const places = projects();
const DAYS = 7;
const DAY_SECONDS = 86_400;
const PROCESSES_A_DAY = 2;

const withClock = clock.isAvailable() ? test : test.skip;
if (!clock.isAvailable()) process.stderr.write('offline-days.test.js: the week without a collector is skipped, because there is no C compiler\n');

for (const [title, programs, start] of storeBackends(process.env)) {
  describeWith(`${title}, at the resolution of a day`, programs, () => {
    let backend;
    let init;

    beforeEach(async () => {
      backend = await start();
      init = offlineProject(places, { endpoint: backend.gate.endpoint, temporality: backend.temporality, resolution: 'day' });
    }, 60_000);
    afterEach(() => backend.close());

    withClock('a week is delivered as one stream for each day that has ended, and today waits', async () => {
      const shift = clock.clockShift();
      try {
        const ended = await recordWeek(shift);
        expect(backend.gate.taken).toBe(0);
        expect(await flush()).toMatchObject({ code: 0, stderr: '' });
        const sums = await backend.sums();
        expect(sums.size).toBe(DAYS);
        expect(sumOfAmounts(sums.values())).toEqual(amountsOf(ended));
        expectAmounts(sumOfAmounts((await backend.increases()).values()), amountsOf(ended));
        expect(pendingFiles(init)).toHaveLength(PROCESSES_A_DAY);
        // A second time there is nothing to deliver.
        const { taken } = backend.gate;
        await flush();
        expect(backend.gate.taken).toBe(taken);
      } finally {
        shift.remove();
      }
    }, 120_000);

    /** Returns the turns of the days that have ended. */
    async function recordWeek(shift) {
      const runs = [];
      for (let daysAgo = DAYS; daysAgo >= 0; daysAgo -= 1) {
        shift.set(-daysAgo * DAY_SECONDS);
        const before = new Set(pendingFiles(init));
        for (let i = 0; i < PROCESSES_A_DAY; i += 1) {
          const one = await runRecorder(init, { first: runs.length * 10 }, { env: shift.env });
          expect(one).toMatchObject({ code: 0, attempted: 3, final: { dropped: { shutdown: 0 } } });
          runs.push({ first: one.first, recorded: one.attempted, daysAgo });
        }
        // The clock of the file system is not shifted.
        for (const file of pendingFiles(init).filter((one) => !before.has(one))) setAge(file, daysAgo);
      }
      return runs.filter(({ daysAgo }) => daysAgo > 0);
    }

    function flush() {
      return run('../cli.js', ['flush', '--timeout', '20'], { cwd: init.cwd, env: init.env, withinMs: 40_000 });
    }
  });
}

/** Money is added up in another order. */
function expectAmounts(amounts, expected) {
  for (const [name, amount] of Object.entries(expected)) expect([name, amounts[name]]).toEqual([name, expect.closeTo(amount, 9)]);
}

function setAge(file, days) {
  const seconds = Date.now() / 1000 - days * DAY_SECONDS;
  fs.utimesSync(file, seconds, seconds);
}
