'use strict';

/**
 * Sums by metric and attributes. The reference implementation and a backend give their numbers in this form.
 *
 *     counters:   Map<metric, Map<attributes, number>>
 *     histograms: Map<metric, Map<attributes, {count: number, sum: number}>>
 *     gauges:     Map<metric, Map<attributes, number>>, the newest values
 *
 * The key `attributes` is their JSON, with sorted keys and with values as strings.
 */
class Totals {
  counters = new Map();
  histograms = new Map();
  gauges = new Map();

  /** Adds to a counter. */
  add(metric, attributes, amount = 1) {
    const series = seriesOf(this.counters, metric);
    const key = attributesKey(attributes);
    series.set(key, (series.get(key) ?? 0) + amount);
  }

  /** Adds one observation, or several at once, to a histogram. */
  observe(metric, attributes, sum, count = 1) {
    const series = seriesOf(this.histograms, metric);
    const key = attributesKey(attributes);
    const before = series.get(key) ?? { count: 0, sum: 0 };
    series.set(key, { count: before.count + count, sum: before.sum + sum });
  }

  /** Sets a gauge. */
  set(metric, attributes, value) {
    seriesOf(this.gauges, metric).set(attributesKey(attributes), value);
  }
}

/**
 * The totals of the series in a receiver, summed over all resources.
 * @param {object[]} series see `SeriesStore.all` in testkit/otlp/series.js; the exporter's own state is not included
 * @returns {Totals}
 */
function totalsOf(series) {
  const totals = new Totals();
  for (const { metric, kind, attributes, value, count, sum } of series) {
    if (kind === 'counter') totals.add(metric, attributes, value);
    if (kind === 'histogram') totals.observe(metric, attributes, sum, count);
    if (kind === 'gauge' && metric !== 'ccxray.otel.state') totals.set(metric, attributes, value);
  }
  return totals;
}

/** @returns {string} a text that is the same for equal attributes */
function attributesKey(attributes) {
  const keys = Object.keys(attributes);
  keys.sort();
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, String(attributes[key])])));
}

/**
 * Where two totals differ. A series that is zero and an absent series are equal.
 * @param {Totals} expected
 * @param {Totals} actual
 * @returns {{metric: string, attributes: string, expected: number|object, actual: number|object}[]} empty if they are equal
 */
function differences(expected, actual) {
  return [
    ...compare(expected.counters, actual.counters, 0, sameAmount),
    ...compare(expected.gauges, actual.gauges, 0, sameRatio),
    ...compare(expected.histograms, actual.histograms, { count: 0, sum: 0 }, sameDistribution),
  ];
}

function compare(expected, actual, nothing, same) {
  const out = [];
  for (const metric of allKeys(expected, actual)) {
    const want = expected.get(metric) ?? new Map();
    const have = actual.get(metric) ?? new Map();
    for (const attributes of allKeys(want, have)) {
      const pair = { metric, attributes, expected: want.get(attributes) ?? nothing, actual: have.get(attributes) ?? nothing };
      if (!same(pair.expected, pair.actual)) out.push(pair);
    }
  }
  return out;
}

/** The keys of both, each once, in alphabetical order. */
function allKeys(a, b) {
  const keys = Array.from(new Set([...a.keys(), ...b.keys()]));
  keys.sort();
  return keys;
}

/** Counts must be equal; money may differ by a billionth of a dollar. */
function sameAmount(a, b) {
  return Math.abs(a - b) <= (Number.isInteger(a) && Number.isInteger(b) ? 0 : 1e-9);
}

/** A ratio is a quotient of sums, so its last digits may differ. */
function sameRatio(a, b) {
  return Math.abs(a - b) <= 1e-9;
}

/** A sum of floats depends on the order of its terms, so only nine digits are compared. */
function sameDistribution(a, b) {
  return a.count === b.count && Math.abs(a.sum - b.sum) <= 1e-9 * Math.max(1, Math.abs(a.sum));
}

function seriesOf(family, metric) {
  if (!family.has(metric)) family.set(metric, new Map());
  return family.get(metric);
}

module.exports = { Totals, totalsOf, differences, attributesKey };
