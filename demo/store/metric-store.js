'use strict';

const { cellsOf } = require('./cells');
const { selectSeries } = require('./selection');
const { Timeline, blockOf } = require('./timeline');

const KINDS = ['counter', 'updown', 'gauge', 'histogram'];

/**
 * @typedef {object} Descriptor one series
 * @property {number} id
 * @property {string} metric
 * @property {'counter'|'updown'|'gauge'|'histogram'} kind
 * @property {string} unit
 * @property {string} description
 * @property {Record<string, string>} attributes of its data points
 * @property {{project?: string, team?: string, service?: string}} resource
 * @property {number[]} [bounds] of a histogram's buckets
 */

/** The metrics of the last days in memory. The oldest values are dropped when it is full. The server has one, and the page has one. */
class MetricStore {
  #options;
  #layout;
  #series = [];
  #ids = new Map();
  #byMetric = new Map();
  #refused = new Set();
  #droppedPoints = 0;

  /**
   * @param {object} [options]
   * @param {number} [options.fineMs] length of a fine slot; a whole fraction of `coarseMs`
   * @param {number} [options.fineSlots] how many fine slots are kept at least
   * @param {number} [options.coarseMs] length of a slot for older values
   * @param {number} [options.coarseSlots] how many of these are kept
   * @param {number} [options.maxSeries]
   */
  constructor({ fineMs = 10_000, fineSlots = 8640, coarseMs = 3_600_000, coarseSlots = 24 * 92, maxSeries = 2000 } = {}) {
    if (coarseMs % fineMs !== 0) throw new RangeError(`coarseMs (${coarseMs}) is not a multiple of fineMs (${fineMs}).`);
    const pageSlots = coarseMs / fineMs;
    this.#options = { fineMs, fineSlots, coarseMs, coarseSlots, maxSeries };
    // The newest page is not complete, so one more is kept.
    this.#layout = { fineMs, pageSlots, pages: Math.ceil(fineSlots / pageSlots) + 1, coarseMs, coarseSlots };
  }

  /** What the constructor was given, with its defaults. */
  get options() {
    return this.#options;
  }

  /** How many series did not fit, and how many points were too old, unusable or of such a series. */
  get dropped() {
    return { series: this.#refused.size, points: this.#droppedPoints };
  }

  /**
   * @param {Omit<Descriptor, 'id'>} descriptor
   * @returns {number|undefined} its id, the same for an equal series; undefined if there are too many series
   */
  define({ metric, kind, unit = '', description = '', attributes = {}, resource = {}, bounds }) {
    if (!KINDS.includes(kind)) throw new TypeError(`${JSON.stringify(kind)} is not a kind of metric. Use ${KINDS.join(', ')}.`);
    const key = keyOf({ metric, kind, attributes, resource, bounds });
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#series.length >= this.#options.maxSeries) {
      if (this.#refused.size < this.#options.maxSeries) this.#refused.add(key);
      return undefined;
    }
    const id = this.#series.length;
    const descriptor = { id, metric, kind, unit, description, attributes, resource, ...kind === 'histogram' ? { bounds: bounds ?? [] } : {} };
    this.#series.push({ descriptor, timeline: new Timeline(this.#layout, cellsOf(descriptor)) });
    this.#ids.set(key, id);
    this.#byMetric.set(metric, [...this.#byMetric.get(metric) ?? [], descriptor]);
    return id;
  }

  /**
   * @param {number|undefined} id
   * @param {number} timeMs
   * @param {number|{count: number, sum: number, buckets: number[]}} value of a counter the increase since its last point, of
   *   a histogram the increases, otherwise the value
   * @returns {boolean} whether the point was kept
   */
  add(id, timeMs, value) {
    const isKept = this.#series[id]?.timeline.add(timeMs, value) ?? false;
    if (!isKept) this.#droppedPoints += 1;
    return isKept;
  }

  /** @returns {Descriptor[]} all series, in the order in which they were defined */
  series() {
    return this.#series.map(({ descriptor }) => descriptor);
  }

  /** @returns {string[]} the names of all metrics */
  metrics() {
    return [...this.#byMetric.keys()];
  }

  /**
   * @param {string} metric
   * @param {{project?: string, team?: string, provider?: string, model?: string}} [filter] a filter on an attribute that
   *   the metric does not have is ignored
   * @returns {import('./selection').Selection}
   */
  select(metric, filter = {}) {
    return selectSeries(this.#byMetric.get(metric) ?? [], filter);
  }

  /**
   * @param {number} id of a counter
   * @param {number} fromMs
   * @param {number} toMs excluded. A slot counts if it begins in the range
   * @returns {number}
   */
  sum(id, fromMs, toMs) {
    let sum = 0;
    this.#series[id].timeline.each(fromMs, toMs, (startMs, value) => {
      sum += value;
    }, this.#layout.coarseMs);
    return sum;
  }

  /**
   * @param {number} id of a counter or a gauge
   * @param {number} fromMs
   * @param {number} toMs excluded
   * @param {number} stepMs
   * @returns {Float64Array} for each step the sum of a counter, or the last value of a gauge and NaN if there is none
   */
  grid(id, fromMs, toMs, stepMs) {
    const { descriptor: { kind }, timeline } = this.#series[id];
    const isCounter = kind === 'counter';
    const grid = new Float64Array(steps(fromMs, toMs, stepMs)).fill(isCounter ? 0 : Number.NaN);
    timeline.each(fromMs, toMs, (startMs, value) => {
      const step = Math.floor((startMs - fromMs) / stepMs);
      grid[step] = isCounter ? grid[step] + value : value;
    }, blockOf(this.#layout, fromMs, stepMs));
    return grid;
  }

  /**
   * @param {number} id of a histogram
   * @param {number} fromMs
   * @param {number} toMs excluded
   * @returns {import('./histogram').Histogram}
   */
  histogram(id, fromMs, toMs) {
    const [histogram] = this.histogramGrid(id, fromMs, toMs, Math.max(1, toMs - fromMs));
    return histogram ?? emptyHistogram(this.#series[id].descriptor.bounds);
  }

  /**
   * @param {number} id of a histogram
   * @param {number} fromMs
   * @param {number} toMs excluded
   * @param {number} stepMs
   * @returns {(import('./histogram').Histogram|undefined)[]} for each step; undefined if it has no value
   */
  histogramGrid(id, fromMs, toMs, stepMs) {
    const { descriptor: { bounds }, timeline } = this.#series[id];
    const grid = Array.from({ length: steps(fromMs, toMs, stepMs) });
    timeline.each(fromMs, toMs, (startMs, { count, sum, buckets }) => {
      const step = Math.floor((startMs - fromMs) / stepMs);
      const histogram = grid[step] ?? emptyHistogram(bounds);
      grid[step] = histogram;
      histogram.count += count;
      histogram.sum += sum;
      for (let bucket = 0; bucket < buckets.length; bucket += 1) histogram.buckets[bucket] += buckets[bucket];
    }, blockOf(this.#layout, fromMs, stepMs));
    return grid;
  }

  /**
   * @param {number} id
   * @returns {{timeMs: number, value: unknown}|undefined} its newest point
   */
  latest(id) {
    return this.#series[id].timeline.latest;
  }

  /**
   * All values, oldest first. Added to an empty store with the same options and series, they give the same sums.
   * @returns {Generator<{timeMs: number, values: [number, unknown][]}>}
   */
  * entries() {
    const { coarseMs } = this.#layout;
    // Two series can be decades apart, if a process sends wrong times. The hours between them are not visited.
    const byHour = new Map();
    for (const each of this.#series) {
      for (const hour of each.timeline.hours()) {
        if (!byHour.has(hour)) byHour.set(hour, []);
        byHour.get(hour).push(each);
      }
    }
    for (const hour of inOrder([...byHour.keys()])) {
      const byTime = new Map();
      for (const { descriptor: { id }, timeline } of byHour.get(hour)) {
        timeline.eachOf(hour, hour * coarseMs, (hour + 1) * coarseMs, (timeMs, value) => {
          if (!byTime.has(timeMs)) byTime.set(timeMs, []);
          byTime.get(timeMs).push([id, value]);
        });
      }
      for (const timeMs of inOrder([...byTime.keys()])) yield { timeMs, values: byTime.get(timeMs) };
    }
  }
}

function inOrder(times) {
  times.sort((one, other) => one - other);
  return times;
}

function steps(fromMs, toMs, stepMs) {
  return Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
}

function emptyHistogram(bounds) {
  return { count: 0, sum: 0, buckets: new Float64Array(bounds.length + 1), bounds };
}

function keyOf({ metric, kind, attributes, resource, bounds }) {
  return JSON.stringify([metric, kind, pairs(attributes), pairs(resource), bounds]);
}

function pairs(object) {
  const list = Object.entries(object).filter(([, value]) => value !== undefined);
  list.sort(([one], [other]) => (one < other ? -1 : 1));
  return list;
}

module.exports = { MetricStore };
