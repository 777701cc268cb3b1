'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { FAMILIES } = require('../../testkit/otlp/families');
const { defaultTurns } = require('../../testkit/traffic/turns');
const { startBackend } = require('../../testkit/backends/program');
const { referenceTotals } = require('../../testkit/reference');
const { BASIS, on } = require('../../testkit/notice');
const { findPrometheus } = require('../../testkit/backends/prometheus');
const { asInBackend, sumsOf, totalsOfVector } = require('../../testkit/backends/promql');
const { differences } = require('../../testkit/otlp/totals');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');

/** The names of the metrics at a backend. A unit that is already in the name is not appended. */
const NAMES = {
  counters: [...FAMILIES.flatMap(({ metrics }) => metrics).filter((metric) => metric.endsWith('_total')).map((metric) => metric.replaceAll('.', '_')), 'ccxray_otel_tier_distribution_total'],
  gauges: ['ccxray_cache_hit_ratio', 'ccxray_quota_utilization_ratio', 'ccxray_otel_state'],
  histograms: [
    'ccxray_latency_ms', 'ccxray_request_duration_seconds', 'ccxray_request_time_to_first_token_seconds', 'ccxray_context_utilization_pct', 'ccxray_tools_per_turn',
  ].flatMap((name) => [`${name}_bucket`, `${name}_count`, `${name}_sum`]),
};

const RANDOM_UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

for (const program of [findPrometheus(process.env), findVictoriaMetrics(process.env)]) {
  const { name, missing, remark } = program;
  if (remark !== undefined) process.stderr.write(`backends.test.js: ${remark}\n`);
  if (missing === undefined) {
    describe(`a real ${name}`, () => holdsTheReplayedTurns(program));
  } else if (process.env.CI_REQUIRE_BACKENDS === '1') {
    test(`a ${name} is available, as CI_REQUIRE_BACKENDS=1 requires`, () => {
      throw new Error(missing);
    });
  } else {
    process.stderr.write(`backends.test.js: ${name} is skipped: ${missing}\n`);
    describe.skip(`a real ${name}`, () => holdsTheReplayedTurns(program));
  }
}

function holdsTheReplayedTurns(program) {
  let backend;
  let directory;
  let outcome;
  let expected;

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-otel-'));
    backend = await startBackend(program);
    const otel = { enabled: true, tier: 1, endpoint: backend.otlpEndpoint, interval_seconds: 5, project: 'shop', team: 'payments' };
    fs.writeFileSync(path.join(directory, '.ccxray.json'), JSON.stringify({ otel }));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [require.resolve('../../testkit/backends/replay-child'), directory]);
    expect(stderr).toBe(on(backend.otlpEndpoint, BASIS.loopback));
    outcome = JSON.parse(stdout);
    expected = asInBackend(referenceTotals(defaultTurns()));
    await backend.settle();
  }, 120_000);

  afterAll(async () => {
    await backend?.close();
    if (directory !== undefined) fs.rmSync(directory, { recursive: true, force: true });
  });

  test('gets every entry', () => {
    expect(outcome.delivered).toBe(true);
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

  test('names the metrics as documented', async () => {
    const names = (await backend.query('count by (__name__) ({__name__=~".*ccxray.*"})')).map(({ metric: { __name__: name } }) => name);
    const { counters, gauges, histograms } = NAMES;
    expect(names.filter((name) => ![...counters, ...gauges, ...histograms].includes(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining([...expected.counters.keys(), ...gauges, ...histograms]));
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
