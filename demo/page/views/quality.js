/** Time, errors and quotas. */

import { quantile } from '../../store/index.js';
import { byAttribute, histogramsOf, ignoredFilters, sumOf, sumsBy, totalsBy, withRest } from './metric.js';

export const ERRORS = 'ccxray.errors_total';
const DURATION = 'ccxray.request.duration';
const FIRST_TOKEN = 'ccxray.request.time_to_first_token';
const STOP_REASONS = 'ccxray.stop_reason_total';
const QUOTA = 'ccxray.quota.utilization_ratio';
/** The windows of quotas, in the order in which they are shown. */
const WINDOWS = ['5h', '7d', 'requests', 'tokens'];

/** The median and the 95th percentile of the time from a request's arrival to the end of its response. */
export function latency(context) {
  return quantiles(context, DURATION);
}

/** The same of the time to the first piece of the answer. */
export function timeToFirstToken(context) {
  return quantiles(context, FIRST_TOKEN);
}

/** Errors over time, by type. */
export function errorsOverTime(context) {
  const { range: { times, stepMs }, t } = context;
  const series = withRest(sumsBy(context, ERRORS, byAttribute('type')), t('others'));
  return { kind: 'time', style: 'stacked', times, stepMs, unit: '{error}', group: 'error', series, ignored: ignoredFilters(context, [ERRORS]) };
}

/** Turns by the reason why the model stopped. */
export function stopReasons(context) {
  return { kind: 'rank', unit: '{turn}', rows: totalsBy(context, STOP_REASONS, byAttribute('reason')), ignored: ignoredFilters(context, [STOP_REASONS]) };
}

/** How much of each quota is used. */
export function quota(context) {
  const { store, filter, range: { fromMs, toMs, stepMs, times }, t } = context;
  const { series } = store.select(QUOTA, filter);
  const byName = new Map();
  for (const { id, attributes: { window = '–', provider = '–' } } of series) {
    const name = `${provider} · ${t.has(`window.${window}`) ? t(`window.${window}`) : window}`;
    const grid = store.grid(id, fromMs, toMs, stepMs);
    // Several projects can report the same quota. The highest value counts.
    byName.set(name, { name, rank: WINDOWS.indexOf(window), values: byName.has(name) ? grid.map((value, step) => highest(value, byName.get(name).values[step])) : grid });
  }
  const lines = [...byName.values()];
  lines.sort((one, other) => one.rank - other.rank || (one.name < other.name ? -1 : 1));
  return { kind: 'time', style: 'lines', times, stepMs, unit: '1', max: 1, group: 'quota', isLast: true, series: lines, ignored: ignoredFilters(context, [QUOTA]) };
}

/** @returns {number} errors in the range */
export function errorCount(context) {
  return sumOf(context, ERRORS);
}

function highest(one, other) {
  if (Number.isNaN(one)) return other;
  return other > one ? other : one;
}

function quantiles(context, metric) {
  const { range: { times, stepMs } } = context;
  const histograms = histogramsOf(context, metric);
  const series = [['p50', 0.5], ['p95', 0.95]].map(([name, q]) => ({ name, values: Float64Array.from(histograms, (histogram) => quantile(histogram, q)) }));
  return { kind: 'time', style: 'lines', times, stepMs, unit: 's', group: 'quantile', series, ignored: ignoredFilters(context, [metric]) };
}
