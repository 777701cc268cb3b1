'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { defaultTurns } = require('../demo/turns');
const { groundTruth } = require('./support/ground-truth');
const { findPrometheus, prometheusName, startPrometheus } = require('./support/prometheus');
const { Totals, differences } = require('./support/totals');

const found = findPrometheus(process.env);
const isRequired = process.env.CI_REQUIRE_PROMETHEUS === '1';

/** Metrics with a unit that Prometheus appends to the name. */
const IN_SECONDS = new Set(['ccxray.request.duration', 'ccxray.request.time_to_first_token']);

/** Labels that name the process or the library, not what was measured. */
const IDENTITY_LABELS = new Set(['__name__', 'job', 'instance', 'otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url']);

if ('missing' in found && isRequired) {
  test('a Prometheus with an OTLP receiver is there, as CI_REQUIRE_PROMETHEUS=1 demands', () => {
    throw new Error(`${found.missing}; set PROMETHEUS_BIN to one of version 3`);
  });
} else if ('missing' in found) {
  process.stderr.write(`prometheus.test.js is skipped: ${found.missing}; set PROMETHEUS_BIN to a Prometheus of version 3\n`);
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
    for (const [query, sum] of sumsOf(expected)) {
      const [answer] = await prometheus.query(query);
      if (!isClose(Number(answer?.value[1] ?? 0), sum)) wrong.push({ query, expected: sum, actual: answer?.value[1] });
    }
    expect(wrong).toEqual([]);
  });

  test('saw every counter series at zero before anything was counted, so that increase() misses nothing', async () => {
    const names = [...expected.counters.keys()].join('|');
    const series = await prometheus.query(`{__name__=~"${names}"}[1h]`);
    const startedHigh = series.filter(({ values }) => Number(values[0][1]) !== 0).map(({ metric }) => metric);
    expect(startedHigh).toEqual([]);
    expect(series.length).toBeGreaterThan(expected.counters.size);

    const grown = series.filter(({ values }) => Number(values.at(-1)[1]) > 0);
    const increases = await prometheus.query(`increase({__name__=~"${names}"}[1h]) > 0`);
    expect(increases.length).toBe(grown.length);
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
  for (const { metric, value } of vector) {
    const name = metric.__name__;
    const labels = Object.fromEntries(Object.entries(metric).filter(([key]) => !IDENTITY_LABELS.has(key)));
    const [, base, part] = /^(.+)_(count|sum|bucket)$/.exec(name) ?? [];
    if (histograms.has(base)) {
      if (part === 'count') totals.observe(base, labels, 0, Number(value[1]));
      if (part === 'sum') totals.observe(base, labels, Number(value[1]), 0);
    } else if (name.endsWith('_total')) totals.add(name, labels, Number(value[1]));
  }
  return totals;
}

/** One query per metric with what it must give. */
function* sumsOf({ counters, histograms }) {
  for (const [name, series] of counters) yield [`sum(${name})`, Array.from(series.values()).reduce((sum, value) => sum + value, 0)];
  for (const [name, series] of histograms) {
    const all = Array.from(series.values());
    yield [`sum(${name}_count)`, all.reduce((sum, { count }) => sum + count, 0)];
    yield [`sum(${name}_sum)`, all.reduce((sum, point) => sum + point.sum, 0)];
  }
}

function isClose(actual, expected) {
  return Math.abs(actual - expected) <= (Number.isInteger(expected) ? 0 : 1e-9 * Math.max(1, Math.abs(expected)));
}
