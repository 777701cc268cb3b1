'use strict';

const { prometheusName } = require('./prometheus-names');
const { Totals } = require('../otlp/totals');

/** Labels that name the process, its project or the library. Backends differ in which of them they add. */
const IDENTITY_LABELS = new Set([
  'job', 'instance', 'otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url', 'scope_name', 'scope_version',
  'service_name', 'service_version', 'service_instance_id', 'ccxray_source', 'ccxray_schema_version', 'project_name', 'team',
]);

/**
 * The same totals with the names and labels that a backend uses.
 * @param {Totals} totals
 * @returns {Totals}
 */
function asInBackend(totals) {
  const renamed = new Totals();
  for (const [metric, series] of totals.counters) {
    for (const [labels, value] of series) renamed.add(prometheusName(metric), underscored(labels), value);
  }
  for (const [metric, series] of totals.histograms) {
    const name = prometheusName(metric);
    for (const [labels, { count, sum }] of series) renamed.observe(name, underscored(labels), sum, count);
  }
  return renamed;
}

function underscored(labels) {
  return Object.fromEntries(Object.entries(JSON.parse(labels)).map(([key, value]) => [key.replaceAll('.', '_'), value]));
}

/**
 * An instant vector as totals, without gauges: series that are neither a counter nor an expected histogram.
 * @param {{metric: object, value: [number, string]}[]} vector
 * @param {Totals} expected has the histograms
 * @returns {Totals} without the labels that identify the sender
 */
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

/**
 * One query for each metric, with its expected result: counts exactly, money to a billionth of a dollar.
 * @param {Totals} totals see `asInBackend`
 * @yields {{query: string, sum: number, tolerance: number}}
 */
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

module.exports = { asInBackend, totalsOfVector, sumsOf };
