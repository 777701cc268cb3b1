'use strict';

const SECONDS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 120, 300, 600];

/** Upper bounds of the buckets, as src/metrics/registry.rs has them. */
const BOUNDS = {
  'ccxray.latency_ms': SECONDS.map((bound) => bound * 1000),
  'ccxray.request.duration': SECONDS,
  'ccxray.request.time_to_first_token': SECONDS,
  'ccxray.context.utilization_pct': [5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 100],
  'ccxray.tools_per_turn': [0, 1, 2, 3, 4, 5, 8, 12, 20, 40],
};

/**
 * A series with its samples.
 * @typedef {object} Series
 * @property {string} metric name in OTLP
 * @property {string} part `_bucket`, `_count` or `_sum` of a histogram, otherwise empty
 * @property {object} attributes
 * @property {number} value
 * @property {number[]} times in seconds
 * @property {number[]} values
 */

/** The cumulative series of one process. A counter is sent at zero one second before its first value. */
class Recorder {
  process;
  /** What was added, by export. */
  additions = [];
  #series = [];
  #counters = new Map();
  #gauges = new Map();
  #histograms = new Map();
  #pending = [];

  /** @param {import('./processes').Process} process */
  constructor(process) {
    this.process = process;
  }

  /** @returns {Series[]} */
  get series() {
    return this.#series;
  }

  /** Adds to a counter, or a measurement to a histogram. */
  add(metric, attributes, amount) {
    this.#pending.push({ metric, attributes, amount });
    const key = keyOf(metric, attributes);
    if (BOUNDS[metric] === undefined) {
      found(this.#counters, key, () => this.#begin(metric, '', attributes, true)).value += amount;
      return;
    }
    const { buckets, count, sum } = found(this.#histograms, key, () => this.#beginHistogram(metric, attributes));
    for (const [bound, series] of buckets) if (amount <= bound) series.value += 1;
    count.value += 1;
    sum.value += amount;
  }

  /** Sets a gauge. */
  set(metric, attributes, value) {
    found(this.#gauges, keyOf(metric, attributes), () => this.#begin(metric, '', attributes, false)).value = value;
  }

  /** Share of cache reads in all input tokens so far, for each model. */
  * cacheRatios() {
    const inputs = this.#series.filter(({ metric }) => INPUTS.has(metric));
    for (const { attributes, value: read } of inputs.filter(({ metric }) => metric === READ)) {
      yield [attributes, read / inputs.filter((it) => it.attributes.model === attributes.model).reduce((sum, { value }) => sum + value, 0)];
    }
  }

  /** Takes a sample of each series. */
  export(time) {
    for (const series of this.#series) {
      if (series.isCounter && series.times.length === 0) {
        series.times.push(time - 1);
        series.values.push(0);
      }
      series.times.push(time);
      series.values.push(series.value);
    }
    this.additions.push({ time, measurements: this.#pending });
    this.#pending = [];
  }

  #begin(metric, part, attributes, isCounter) {
    const series = { metric, part, attributes, isCounter, value: 0, times: [], values: [] };
    this.#series.push(series);
    return series;
  }

  #beginHistogram(metric, attributes) {
    const begin = (part, more) => this.#begin(metric, part, { ...attributes, ...more }, true);
    const buckets = [...BOUNDS[metric], Infinity].map((bound) => [bound, begin('_bucket', { le: bound === Infinity ? '+Inf' : String(bound) })]);
    return { buckets, count: begin('_count'), sum: begin('_sum') };
  }
}

const READ = 'ccxray.tokens.cache_read_total';
const INPUTS = new Set([READ, 'ccxray.tokens.cache_creation_total', 'ccxray.tokens.input_total']);

function keyOf(metric, attributes) {
  let key = metric;
  for (const name in attributes) key += `|${attributes[name]}`;
  return key;
}

function found(map, key, make) {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}

module.exports = { BOUNDS, Recorder };
