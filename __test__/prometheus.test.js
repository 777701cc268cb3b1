'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { defaultTurns } = require('../demo/turns');
const { groundTruth } = require('./support/ground-truth');
const { findPrometheus, startPrometheus } = require('./support/prometheus');
const { prometheusName } = require('./support/prometheus-name');
const { Totals, differences } = require('./support/totals');

const found = findPrometheus(process.env);
const isRequired = process.env.CI_REQUIRE_PROMETHEUS === '1';

/** Metrics with a unit that Prometheus appends to the name. */
const IN_SECONDS = new Set(['ccxray.request.duration', 'ccxray.request.time_to_first_token']);

/** Labels that name the process or the library, not what was measured. */
const IDENTITY_LABELS = new Set(['job', 'instance', 'otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url']);

if ('missing' in found && isRequired) {
  test('a Prometheus is there, as CI_REQUIRE_PROMETHEUS=1 demands', () => {
    throw new Error(`${found.missing}; set PROMETHEUS_BIN to one of version 3`);
  });
} else if ('missing' in found) {
  process.stderr.write(`prometheus.test.js is skipped: ${found.missing}; set PROMETHEUS_BIN to a Prometheus of version 3\n`);
} else if (!found.hasOtlp) {
  process.stderr.write(`prometheus.test.js: ${found.bin} was built without an OTLP receiver, so it is written to by remote write\n`);
}

(('missing' in found) ? describe.skip : describe)('a real Prometheus', () => {
  let prometheus;
  let home;
  let outcome;
  let expected;

  beforeAll(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-otel-'));
    prometheus = await startPrometheus(found);
    const child = path.join(__dirname, 'support', 'replay-child.js');
    const { stdout } = await promisify(execFile)(process.execPath, [child, prometheus.otlpEndpoint, home]);
    outcome = JSON.parse(stdout);
    expected = asPrometheusHasThem(groundTruth(defaultTurns()));
  }, 120_000);

  afterAll(async () => {
    await prometheus?.close();
    if (home !== undefined) fs.rmSync(home, { recursive: true, force: true });
  });

  test('was sent every entry', () => {
    expect(outcome.delivered).toBe(true);
    expect(outcome.status.entries).toMatchObject({ queued: 0, rejected: 0, processed: outcome.status.entries.accepted });
    expect(outcome.status.exports.failed).toBe(0);
  });

  test('has for every label set exactly what the turns add up to', async () => {
    expect(differences(expected, totalsOfVector(await prometheus.query('{__name__=~"ccxray_.+"}'), expected))).toEqual([]);
  });

  test('sums every metric in PromQL to what the turns add up to', async () => {
    const wrong = [];
    for (const { query, sum, tolerance } of sumsOf(expected)) {
      const [answer] = await prometheus.query(query);
      if (!(Math.abs(Number(answer?.value[1] ?? 0) - sum) <= tolerance)) wrong.push({ query, expected: sum, actual: answer?.value[1] });
    }
    expect(wrong).toEqual([]);
  });

  test('saw every series that only grows at zero first, so that increase() misses nothing', async () => {
    const wrong = [];
    const histograms = Array.from(expected.histograms.keys(), (name) => `${name}_count`);
    for (const name of [...expected.counters.keys(), ...histograms]) {
      const [series, increases] = await Promise.all([prometheus.query(`${name}[1h]`), prometheus.query(`increase(${name}[1h])`)]);
      for (const { metric, values } of series) {
        const [first, last] = [values[0], values.at(-1)].map(([, value]) => Number(value));
        // It is stretched to the edges of the range and may come out above what was counted, never below.
        const increase = Number(increases.find((answer) => isSameSeries(answer.metric, metric))?.value[1] ?? 0);
        if (first !== 0 || increase < last - 1e-9) wrong.push({ metric, first, last, increase });
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** The ground truth under the names and labels that Prometheus gives it. */
function asPrometheusHasThem(totals) {
  const renamed = new Totals();
  for (const [metric, series] of totals.counters) {
    for (const [labels, value] of series) renamed.add(prometheusName(metric, { isCounter: true }), prometheusLabels(labels), value);
  }
  for (const [metric, series] of totals.histograms) {
    const name = prometheusName(metric, { isCounter: false, unit: IN_SECONDS.has(metric) ? 's' : '' });
    for (const [labels, { count, sum }] of series) renamed.observe(name, prometheusLabels(labels), sum, count);
  }
  return renamed;
}

function prometheusLabels(labels) {
  return Object.fromEntries(Object.entries(JSON.parse(labels)).map(([key, value]) => [key.replaceAll('.', '_'), value]));
}

/** An instant vector as totals; what is neither a counter nor an expected histogram is a gauge. */
function totalsOfVector(vector, { histograms }) {
  const totals = new Totals();
  for (const { metric: { __name__: name, ...metric }, value } of vector) {
    const labels = Object.fromEntries(Object.entries(metric).filter(([key]) => !IDENTITY_LABELS.has(key)));
    const [, base, part] = /^(.+)_(count|sum|bucket)$/.exec(name) ?? [];
    if (histograms.has(base)) {
      if (part === 'count') totals.observe(base, labels, 0, Number(value[1]));
      if (part === 'sum') totals.observe(base, labels, Number(value[1]), 0);
    } else if (name.endsWith('_total')) totals.add(name, labels, Number(value[1]));
  }
  return totals;
}

/** A function's answer has the labels of its series, without the name. */
function isSameSeries(labels, named) {
  const others = Object.entries(named).filter(([key]) => key !== '__name__');
  return others.length === Object.keys(labels).length && others.every(([key, value]) => labels[key] === value);
}

/** One query per metric with what it must give: counts to the unit, money to a billionth of a dollar. */
function* sumsOf({ counters, histograms }) {
  for (const [name, series] of counters) {
    const sum = total(series.values());
    yield { query: `sum(${name})`, sum, tolerance: Number.isInteger(sum) ? 0 : 1e-9 };
  }
  for (const [name, series] of histograms) {
    const points = Array.from(series.values());
    const sum = total(points.map((point) => point.sum));
    yield { query: `sum(${name}_count)`, sum: total(points.map(({ count }) => count)), tolerance: 0 };
    yield { query: `sum(${name}_sum)`, sum, tolerance: 1e-9 * Math.max(1, sum) };
  }
}

function total(numbers) {
  return Array.from(numbers).reduce((sum, number) => sum + number, 0);
}
