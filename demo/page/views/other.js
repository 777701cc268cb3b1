/** Metrics that are not ours: another tool can send to the receiver. */

import { mergeHistograms, quantile } from '../../store/index.js';
import { histogramsOf, ignoredFilters, sumsBy, withRest } from './metric.js';

const OURS = 'ccxray.';
const MOST_SERIES = 7;

/** @returns {string[]} the names of the metrics that are not ours, in alphabetical order */
export function otherMetrics({ store }) {
  const names = store.metrics().filter((name) => !name.startsWith(OURS));
  names.sort();
  return names;
}

/** One of these metrics over time, by its attributes. */
export function otherOverTime(context, { metric }) {
  const { store, range: { fromMs, toMs, stepMs, times }, filter, t } = context;
  const { series: [first] } = store.select(metric);
  const base = { kind: 'time', times, stepMs, unit: first?.unit ?? '', group: 'other', ignored: ignoredFilters(context, [metric]) };
  if (first?.kind === 'counter') return { ...base, style: 'stacked', series: withRest(sumsBy(context, metric, nameOf), t('others')) };
  if (first?.kind === 'histogram') {
    const histograms = histogramsOf(context, metric);
    return { ...base, style: 'lines', series: [['p50', 0.5], ['p95', 0.95]].map(([name, q]) => ({ name, values: Float64Array.from(histograms, (each) => quantile(each, q)) })) };
  }
  const { series } = store.select(metric, filter);
  return { ...base, style: 'lines', isLast: true, series: series.slice(0, MOST_SERIES).map((each) => ({ name: nameOf(each), values: store.grid(each.id, fromMs, toMs, stepMs) })) };
}

/** A row for each of these metrics: its kind, its unit, how many series it has, and a value. */
export function otherTable(context) {
  const { store, range: { fromMs, toMs }, filter } = context;
  return otherMetrics(context).map((metric) => {
    const { series } = store.select(metric, filter);
    const [first] = store.select(metric).series;
    return { metric, kind: first.kind, unit: first.unit, series: series.length, value: valueOf(store, first.kind, series, fromMs, toMs) };
  });
}

/** The sum of a counter, the number of a histogram's values, or the newest value of a gauge. */
function valueOf(store, kind, series, fromMs, toMs) {
  if (kind === 'counter') return series.reduce((sum, { id }) => sum + store.sum(id, fromMs, toMs), 0);
  if (kind === 'histogram') return mergeHistograms(series.map(({ id }) => store.histogram(id, fromMs, toMs)))?.count ?? 0;
  return series.length === 1 ? store.latest(series[0].id)?.value ?? Number.NaN : Number.NaN;
}

/** A series is named by what differs: its attributes, else its service. */
function nameOf({ attributes, resource }) {
  const values = Object.values(attributes);
  return values.length > 0 ? values.join(' · ') : resource.service ?? resource.project ?? '–';
}
