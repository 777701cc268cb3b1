'use strict';

const { startBackend } = require('../../testkit/backends/backend');
const { METRICS, amountsOf } = require('../../testkit/backends/fleet-turns');
const { runFleet } = require('../../testkit/backends/fleet');
const { SETTINGS } = require('../../testkit/backends/protocols');
const { describeWith } = require('../../testkit/backends/program');
const { findPrometheus } = require('../../testkit/backends/prometheus');
const { asInBackend, sumsOf } = require('../../testkit/backends/promql');
const { replayFor } = require('../../testkit/backends/replay');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');
const { referenceTotals } = require('../../testkit/reference');
const { defaultTurns } = require('../../testkit/fixtures/default-turns');

/** `npm run test:long` runs a thousand. */
const PROCESSES = Number(process.env.FLEET_PROCESSES ?? 60);
const PARALLEL = 20;
/** What the whole test can take on a busy machine. */
const LIMIT_MS = 60_000 + PROCESSES * 1500;

const HUB_TURNS = 200;

describeWith(`${PROCESSES} short-lived processes of one project`, [findVictoriaMetrics(process.env)], () => {
  let backend;
  const sums = {};
  let runs;
  let expected;

  beforeAll(async () => {
    backend = await startBackend(findVictoriaMetrics(process.env));
    runs = await runFleet({ enabled: true, tier: 1, endpoint: backend.otlpEndpoint, project: 'fleet' }, { processes: PROCESSES, parallel: PARALLEL });
    expected = amountsOf(runs);
    await backend.settle();
  }, LIMIT_MS);
  afterAll(() => backend?.close());

  test('most deliver, whether they end by themselves or by a signal', () => {
    expect(runs.length).toBe(PROCESSES);
    expect(runs.filter(({ signalled }) => signalled).length).toBeGreaterThan(PROCESSES / 10);
    expect(runs.filter(({ signalled }) => !signalled).length).toBeGreaterThan(PROCESSES / 2);
    expect(runs.filter(({ delivered }) => delivered).length).toBeGreaterThan(PROCESSES / 2);
  });

  // A process that gets no answer in its two seconds says so. Whether its request has arrived, it cannot know.
  test('the sums are exact, but for processes that say that they have not delivered', async () => {
    const atLeast = amountsOf(runs.filter(({ delivered }) => delivered));
    for (const [name, metric] of Object.entries(METRICS)) {
      sums[name] = await number(backend, `sum(last_over_time(${metric}{project_name="fleet"}[1h]))`);
      expect(sums[name]).toBeGreaterThanOrEqual(atLeast[name]);
      expect(sums[name]).toBeLessThanOrEqual(expected[name]);
    }
  });

  test('increase() over the run differs by less than one per cent', async () => {
    for (const [name, metric] of Object.entries(METRICS)) {
      const increase = await number(backend, `sum(increase(${metric}{project_name="fleet"}[1h]))`);
      expect(Math.abs(increase / sums[name] - 1)).toBeLessThan(0.01);
    }
  });

  test('each process has series of its own', async () => {
    const instances = await number(backend, `count(count by (service_instance_id) (last_over_time(${METRICS.turns}[1h])))`);
    const counted = runs.filter(({ recorded }) => recorded > 0);
    expect(instances).toBeGreaterThanOrEqual(counted.filter(({ delivered }) => delivered).length);
    expect(instances).toBeLessThanOrEqual(counted.length);
  });
});

describeWith('one turn of one process', [findPrometheus(process.env)], () => {
  test('is there after its end', async () => {
    const backend = await startBackend(findPrometheus(process.env));
    try {
      const [run] = await runFleet({ enabled: true, tier: 1, endpoint: backend.otlpEndpoint }, { processes: 1, parallel: 1, turns: 1 });
      expect(run).toMatchObject({ recorded: 1, delivered: true });
      await backend.settle();
      expect(await number(backend, `sum(${METRICS.input})`)).toBe(amountsOf([run]).input);
      // increase() extrapolates, so it may be above the number, but it is never without a zero below it.
      expect(await number(backend, `sum(increase(${METRICS.turns}[1h]))`)).toBeGreaterThanOrEqual(1);
    } finally {
      await backend.close();
    }
  }, 60_000);
});

const ONLY_THE_INSTANCE = ['-opentelemetry.promoteAllResourceAttributes=false', '-opentelemetry.promoteResourceAttributes=service.instance.id'];
const BACKENDS = [
  ['Prometheus', findPrometheus(process.env)],
  ['VictoriaMetrics', findVictoriaMetrics(process.env)],
  ['VictoriaMetrics that promotes only the instance', findVictoriaMetrics(process.env, ONLY_THE_INSTANCE)],
];

for (const [title, program] of BACKENDS) {
  describeWith(`two hubs of one project at once, with ${title}`, [program], () => {
    let backend;

    beforeAll(async () => {
      backend = await startBackend(program);
    }, 60_000);
    afterAll(() => backend?.close());

    test('have twice the totals of one', async () => {
      const otel = { enabled: true, tier: 1, endpoint: backend.otlpEndpoint, interval_seconds: 3600, project: 'shop', team: 'payments' };
      const outcomes = await Promise.all([1, 2].map(() => replayFor(otel, { turns: HUB_TURNS, flushes: 4 })));
      for (const { delivered } of outcomes) expect(delivered).toEqual(Array(4).fill(true));
      await backend.settle();
      const wrong = [];
      for (const { query, sum, tolerance } of sumsOf(asInBackend(referenceTotals(defaultTurns({ turns: HUB_TURNS }))))) {
        const actual = await number(backend, query);
        if (!(Math.abs(actual - 2 * sum) <= 2 * tolerance)) wrong.push({ query, expected: 2 * sum, actual });
      }
      expect(wrong).toEqual([]);
    }, 120_000);
  });
}

const labels = { name: 'otel.project_labels', ...(!SETTINGS.includes('project_labels') && { missing: 'the schema has no project_labels' }) };

describeWith('two projects, with otel.project_labels and a backend that promotes only the instance', [labels, findVictoriaMetrics(process.env, ONLY_THE_INSTANCE)], () => {
  test('are told apart by cost and tokens', async () => {
    const backend = await startBackend(findVictoriaMetrics(process.env, ONLY_THE_INSTANCE));
    try {
      const otel = { enabled: true, tier: 1, endpoint: backend.otlpEndpoint, interval_seconds: 3600, team: 'payments', project_labels: true };
      for (const project of ['shop', 'billing']) await replayFor({ ...otel, project }, { turns: 40 });
      await backend.settle();
      for (const name of [METRICS.cost, METRICS.input, METRICS.output]) {
        const groups = await backend.query(`sort_by_label(sum by (project, team) (${name}), "project")`);
        expect(groups.map(({ metric }) => metric)).toEqual([{ project: 'billing', team: 'payments' }, { project: 'shop', team: 'payments' }]);
        const [one, other] = groups.map(({ value }) => Number(value[1]));
        expect(one).toBeGreaterThan(0);
        expect(other).toBeCloseTo(one, 9);
      }
    } finally {
      await backend.close();
    }
  }, 120_000);
}, { isOptional: !SETTINGS.includes('project_labels') });

async function number(backend, query) {
  const [answer] = await backend.query(query);
  return Number(answer?.value[1] ?? 0);
}
