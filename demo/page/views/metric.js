/** Reads metrics of a store under a filter. Every view is made from these functions. */

import { mergeHistograms } from '../../store/index.js';

/** How many series a chart has. The smallest ones share a series. */
const MOST_SERIES = 7;

/**
 * @typedef {object} Context what a view is computed from
 * @property {import('../../store/metric-store').MetricStore} store
 * @property {import('../range.js').Range} range
 * @property {Record<string, string|undefined>} filter
 * @property {number} nowMs
 * @property {(key: string, values?: object) => string} t
 */

/**
 * @param {Context} context
 * @param {string} metric
 * @param {{fromMs: number, toMs: number}} [within] Default: the range
 * @param {(attributes: Record<string, string>) => boolean} [isWanted]
 * @returns {number}
 */
export function sumOf({ store, range, filter }, metric, { fromMs, toMs } = range, isWanted = () => true) {
  const { series } = store.select(metric, filter);
  return series.filter(({ attributes }) => isWanted(attributes)).reduce((sum, { id }) => sum + store.sum(id, fromMs, toMs), 0);
}

/**
 * @param {Context} context
 * @param {string} metric
 * @param {(descriptor: object) => string} nameOf what the series of the chart are
 * @returns {{name: string, values: Float64Array, total: number}[]} for each name the sums of the steps, the largest first
 */
export function sumsBy({ store, range, filter }, metric, nameOf) {
  const { fromMs, toMs, stepMs } = range;
  const byName = new Map();
  for (const descriptor of store.select(metric, filter).series) {
    const grid = store.grid(descriptor.id, fromMs, toMs, stepMs);
    const name = nameOf(descriptor);
    const { values } = byName.get(name) ?? { values: new Float64Array(grid.length) };
    for (let step = 0; step < grid.length; step += 1) values[step] += grid[step];
    byName.set(name, { name, values });
  }
  const list = [...byName.values()].map(({ name, values }) => ({ name, values, total: values.reduce((sum, value) => sum + value, 0) }));
  return largestFirst(list.filter(({ total }) => total > 0));
}

/**
 * @param {{name: string, values: Float64Array, total: number}[]} list the largest first
 * @param {string} restName
 * @param {number} [most]
 * @returns {object[]} the largest ones, and one with the sums of the others
 */
export function withRest(list, restName, most = MOST_SERIES) {
  if (list.length <= most + 1) return list;
  const others = list.slice(most);
  const values = new Float64Array(others[0].values.length);
  for (const other of others) for (let step = 0; step < values.length; step += 1) values[step] += other.values[step];
  return [...list.slice(0, most), { name: restName, isRest: true, values, total: others.reduce((sum, { total }) => sum + total, 0) }];
}

/**
 * @param {Context} context
 * @param {string} metric
 * @param {(descriptor: object) => string} nameOf
 * @returns {{name: string, value: number}[]} totals of the range, the largest first
 */
export function totalsBy({ store, range, filter }, metric, nameOf) {
  const byName = new Map();
  for (const descriptor of store.select(metric, filter).series) {
    const name = nameOf(descriptor);
    byName.set(name, (byName.get(name) ?? 0) + store.sum(descriptor.id, range.fromMs, range.toMs));
  }
  const list = Array.from(byName, ([name, total]) => ({ name, total }));
  return largestFirst(list.filter(({ total }) => total > 0)).map(({ name, total }) => ({ name, value: total }));
}

/**
 * @param {Context} context
 * @param {string} metric
 * @returns {(import('../../store/histogram').Histogram|undefined)[]} for each step the sum of all series
 */
export function histogramsOf({ store, range, filter }, metric) {
  const { fromMs, toMs, stepMs, times } = range;
  const grids = store.select(metric, filter).series.map(({ id }) => store.histogramGrid(id, fromMs, toMs, stepMs));
  return times.map((_, step) => mergeHistograms(grids.map((grid) => grid[step])));
}

/**
 * @param {Context} context
 * @param {string[]} metrics
 * @returns {string[]} the filters that are set, but that none or not all of the metrics have an attribute for
 */
export function ignoredFilters({ store, filter }, metrics) {
  const known = metrics.filter((metric) => store.select(metric).series.length > 0);
  return [...new Set(known.flatMap((metric) => store.select(metric, filter).ignored))];
}

/**
 * @param {string} attribute
 * @returns {(descriptor: object) => string}
 */
export function byAttribute(attribute) {
  return ({ attributes }) => attributes[attribute] ?? 'unknown';
}

/** @returns {string} the project of a series */
export function byProject({ attributes, resource }) {
  return resource.project ?? attributes.project ?? '–';
}

function largestFirst(list) {
  list.sort((one, other) => other.total - one.total || (one.name < other.name ? -1 : 1));
  return list;
}
