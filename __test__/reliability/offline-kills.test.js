'use strict';

const { Random } = require('../../demo/traffic/random');
const { describeWith } = require('../../testkit/backends/program');
const { sumOfAmounts } = require('../../testkit/pending/amounts');
const { storeBackends } = require('../../testkit/pending/backends');
const { leftInPending, offlineProject } = require('../../testkit/pending/project');
const { problemsOf, runRecorder } = require('../../testkit/pending/recorders');
const { projects } = require('../../testkit/scratch/projects');

const places = projects();
/** `npm run test:long` kills 200 processes with each temporality. */
const KILLS = Number(process.env.OFFLINE_KILLS ?? 16);
const SEED = Number(process.env.OFFLINE_SEED ?? Date.now() % 1_000_000);
/** How many processes of the project run at a time. */
const PARALLEL = 4;
/** More than any process can record. */
const MAX_TURNS = 1000;
/** A process is killed at most that long after its first output. Some are killed in their first export. */
const MAX_LIFE_MS = 1500;

/** What becomes of a request, with weights. */
const MOODS = {
  isUp: [['up', 1]],
  isDown: [['down', 2], ['breaks', 1]],
  isTorn: [['up', 3], ['down', 2], ['breaks', 1], ['losesAnswers', 1], ['answersLate', 1]],
};

for (const [title, programs, start] of storeBackends(process.env)) {
  describeWith(title, programs, () => {
    let backend;

    beforeAll(async () => {
      backend = await start();
    }, 60_000);
    afterAll(() => backend?.close());

    test(`after ${KILLS} kills at random nothing is there twice, and nothing is missing that was safe (seed ${SEED})`, async () => {
      const random = new Random(SEED);
      const init = offlineProject(places, { endpoint: backend.gate.endpoint, temporality: backend.temporality });
      const killed = await killAtRandom(backend, init, random);
      expect(killed.every(({ signal }) => signal === 'SIGKILL')).toBe(true);
      backend.gate.set('up');
      const last = await runRecorder(init, { first: KILLS * MAX_TURNS, flushMs: 60_000 });
      expect(last.final).toMatchObject({ isDelivered: true, dropped: { shutdown: 0, rejected: 0, expired: 0, store_full: 0 } });
      // A killed process may not have known whether its last request had arrived.
      expect(await problemsOf([...killed, last], backend, new Set(killed.map(({ instance }) => instance)))).toEqual([]);
      expect(leftInPending(init)).toEqual([]);
      const figures = figuresOf(killed, await backend.sums(), backend.repeated());
      process.stderr.write(`offline-kills.test.js: ${title}: ${JSON.stringify(figures)}\n`);
      // Otherwise this test has tried nothing.
      expect(figures.arrived).toBeGreaterThan(0);
      expect(figures.safe).toBeGreaterThan(0);
      expect(figures.attempted).toBeGreaterThan(figures.safe);
    }, 60_000 + KILLS * 3000);
  });
}

/** Runs processes until so many were killed, some at once, while the collector is up, down, or torn between the two. */
async function killAtRandom(backend, init, random) {
  const plans = Array.from({ length: KILLS }, (_, i) => ({
    mood: random.pick(Object.keys(MOODS)),
    killAfterMs: Math.floor(MAX_LIFE_MS * random.next() ** 2),
    plan: { first: i * MAX_TURNS, turns: MAX_TURNS, flushEvery: random.int(1, 8), flushMs: random.int(50, 500), pauseMs: random.int(0, 30), end: 'wait' },
  }));
  const runs = [];
  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    for (let next = plans.pop(); next !== undefined; next = plans.pop()) {
      const { mood, plan, killAfterMs } = next;
      backend.gate.choose = () => random.weighted(MOODS[mood]);
      runs.push(await runRecorder(init, plan, { killAfterMs }));
    }
  }));
  return runs;
}

/** In turns. `lost`: what nobody could have expected, since it was not exported and not half a minute old. */
function figuresOf(runs, sums, repeated) {
  const attempted = runs.reduce((sum, run) => sum + run.attempted, 0);
  const safe = runs.reduce((sum, run) => sum + run.confirmed, 0);
  const arrived = sumOfAmounts(runs.map(({ instance }) => sums.get(instance)).filter(Boolean)).turns;
  const again = [...repeated.values()].reduce((sum, count) => sum + count, 0);
  return { kills: runs.length, attempted, safe, arrived, lost: attempted - arrived, intervalsSentAgain: again };
}
