'use strict';

const { defaultTurns } = require('../../testkit/fixtures/default-turns');
const { startBackend } = require('../../testkit/backends/backend');
const { describeWith } = require('../../testkit/backends/program');
const { METRICS, seriesNames } = require('../../testkit/backends/prometheus-names');
const { replayFor } = require('../../testkit/backends/replay');
const { referenceTotals } = require('../../testkit/reference');
const { BASIS, on } = require('../../testkit/notice');
const { findPrometheus, findPrometheusWithOtlp } = require('../../testkit/backends/prometheus');
const { asInBackend, sumsOf, totalsOfVector } = require('../../testkit/backends/promql');
const { differences } = require('../../testkit/otlp/totals');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');

/** Metrics without a counter's zero: they have series only if something was recorded. */
const ALWAYS = METRICS.filter(({ kind }) => kind !== 'counter');

const RANDOM_UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

for (const [program, isOptional] of [[findPrometheus(process.env), false], [findPrometheusWithOtlp(process.env), true], [findVictoriaMetrics(process.env), false]]) {
  describeWith(`a real ${program.name}`, [program], () => holdsTheReplayedTurns(program), { isOptional });
}

function holdsTheReplayedTurns(program) {
  let backend;
  let outcome;
  let expected;

  beforeAll(async () => {
    backend = await startBackend(program);
    outcome = await replayFor({ enabled: true, tier: 1, endpoint: backend.otlpEndpoint, interval_seconds: 5, project: 'shop', team: 'payments' });
    expect(outcome.stderr).toBe(on(backend.otlpEndpoint, BASIS.loopback));
    expected = asInBackend(referenceTotals(defaultTurns()));
    await backend.settle();
  }, 120_000);

  afterAll(() => backend?.close());

  test('gets every entry', () => {
    expect(outcome.delivered).toEqual([true]);
    expect(outcome.status.entries).toMatchObject({ queued: 0, rejected: 0, processed: outcome.status.entries.accepted });
    expect(outcome.status.exports.failed).toBe(0);
  });

  test('has the exact total of every series', async () => {
    expect(differences(expected, totalsOfVector(await backend.query('{__name__=~"ccxray_.+"}'), expected))).toEqual([]);
  });

  test('sums every metric to its total in PromQL', async () => {
    const wrong = [];
    for (const { query, sum, tolerance } of sumsOf(expected)) {
      const [answer] = await backend.query(query);
      if (!(Math.abs(Number(answer?.value[1] ?? 0) - sum) <= tolerance)) wrong.push({ query, expected: sum, actual: answer?.value[1] });
    }
    expect(wrong).toEqual([]);
  });

  test('names the metrics as the translator of Prometheus does', async () => {
    const names = (await backend.query('count by (__name__) ({__name__=~".*ccxray.*"})')).map(({ metric: { __name__: name } }) => name);
    expect(names.filter((name) => !METRICS.flatMap(seriesNames).includes(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining([...expected.counters.keys(), ...ALWAYS.flatMap(seriesNames)]));
  });

  test('has the project, the team and the instance', async () => {
    const { of, service, instance } = program.resource;
    const groups = await backend.query(`count by (project_name, team, ${service}, ${instance}) (${of})`);
    expect(groups.map(({ metric }) => metric)).toEqual([
      { project_name: 'shop', team: 'payments', [service]: 'ccxray', [instance]: expect.stringMatching(RANDOM_UUID) },
    ]);
  });

  test('gets every counter at zero first, so that increase() is complete', async () => {
    const wrong = [];
    const histograms = Array.from(expected.histograms.keys(), (name) => `${name}_count`);
    for (const name of [...expected.counters.keys(), ...histograms]) {
      const [series, increases] = await Promise.all([backend.query(`${name}[1h]`), backend.query(`increase(${name}[1h])`)]);
      if (series.length === 0) wrong.push({ name, series: 'none' });
      for (const { metric, values } of series) {
        const [first, last] = [values[0], values.at(-1)].map(([, value]) => Number(value));
        // increase() extrapolates to the range, so its result may be above the count, but never below.
        const increase = Number(increases.find((answer) => isSameSeries(answer.metric, metric))?.value[1] ?? 0);
        if (first !== 0 || increase < last - 1e-9) wrong.push({ metric, first, last, increase });
      }
    }
    expect(wrong).toEqual([]);
  });
}

/** The result of a function has the labels of its series, without the name. */
function isSameSeries(labels, named) {
  const others = Object.entries(named).filter(([key]) => key !== '__name__');
  return others.length === Object.keys(labels).length && others.every(([key, value]) => labels[key] === value);
}
