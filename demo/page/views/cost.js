/** Cost, tokens and the prompt cache. */

import { midnight, midnightAfter } from '../range.js';
import { byAttribute, byProject, ignoredFilters, sumOf, sumsBy, totalsBy, withRest } from './metric.js';

export const COST = 'ccxray.cost.usd_total';
const INPUT = 'ccxray.tokens.input_total';
const OUTPUT = 'ccxray.tokens.output_total';
const CACHE_READ = 'ccxray.tokens.cache_read_total';
const CACHE_CREATION = 'ccxray.tokens.cache_creation_total';
/** The kinds of tokens, and the metric of each. */
const TOKENS = { input: INPUT, output: OUTPUT, cacheRead: CACHE_READ, cacheCreation: CACHE_CREATION };
/** With how many days today is compared. */
const DAYS = 7;
const HOUR = 3_600_000;

const NAME_OF = { model: byAttribute('model'), project: byProject };

/** Cost over time, by model or by project. */
export function costOverTime(context, { by }) {
  const list = withRest(sumsBy(context, COST, NAME_OF[by] ?? NAME_OF.model), context.t('others'));
  return stacked(context, list, { unit: '{USD}', group: by, metrics: [COST] });
}

/** Tokens over time, by model, by project or by kind. */
export function tokensOverTime(context, { by }) {
  const list = by === 'kind' ? tokensByKind(context) : withRest(allTokensBy(context, NAME_OF[by] ?? NAME_OF.model), context.t('others'));
  return stacked(context, list, { unit: '{token}', group: by, metrics: Object.values(TOKENS) });
}

/** The share of cache reads in all input tokens of each step, by model. */
export function cacheRatio(context) {
  const { range: { times, stepMs }, t } = context;
  const parts = [CACHE_READ, INPUT, CACHE_CREATION].map((metric) => new Map(sumsBy(context, metric, NAME_OF.model).map((each) => [each.name, each])));
  const [reads] = parts;
  const models = withRest([...reads.values()], t('others'), 4).filter(({ isRest }) => !isRest).map(({ name }) => name);
  const ratio = (names, step) => {
    const [read, ...rest] = parts.map((part) => names.reduce((sum, name) => sum + (part.get(name)?.values[step] ?? 0), 0));
    return read / (read + rest.reduce((sum, value) => sum + value, 0));
  };
  const all = [...new Set(parts.flatMap((part) => Array.from(part.keys())))];
  const series = [
    { name: t('total'), isTotal: true, values: Float64Array.from(times, (_, step) => ratio(all, step)) },
    ...models.length > 1 ? models.map((name) => ({ name, values: Float64Array.from(times, (_, step) => ratio([name], step)) })) : [],
  ];
  return { kind: 'time', style: 'lines', times, stepMs, unit: '1', max: 1, group: 'model', series, ignored: ignoredFilters(context, [CACHE_READ]) };
}

/** The cost of today up to each hour, and the mean of the days before. */
export function todayAgainstWeek(context) {
  const { nowMs, t } = context;
  const start = midnight(nowMs);
  const length = midnightAfter(nowMs, 1) - start;
  const hours = Math.round(length / HOUR);
  const times = Array.from({ length: hours + 1 }, (_, hour) => start + hour * HOUR);
  const days = daysBefore(context);
  const today = runningSums(context, start, hours).map((value, hour) => (times[hour] - HOUR < nowMs ? value : Number.NaN));
  const before = days.map((day) => runningSums(context, day, hours));
  const means = Float64Array.from(times, (_, hour) => mean(before.map((sums) => sums[hour])));
  const series = [{ name: t('today'), values: today }, ...days.length > 0 ? [{ name: t('mean.days', { days: days.length }), values: means }] : []];
  return { kind: 'time', style: 'lines', times, stepMs: HOUR, endMs: start + length, unit: '{USD}', group: 'day', series, isCumulative: true, ignored: ignoredFilters(context, [COST]) };
}

/**
 * @returns {{today: number, mean: number, days: number}} the cost since midnight, and the mean of the days before up to the
 *   same time of day
 */
export function costToday(context) {
  const start = midnight(context.nowMs);
  const days = daysBefore(context);
  return {
    today: costUpTo(context, start, context.nowMs),
    mean: mean(days.map((day) => costUpTo(context, day, day + context.nowMs - start))),
    days: days.length,
  };
}

/** @returns {number} all tokens of the range */
export function allTokens(context) {
  return Object.values(TOKENS).reduce((sum, metric) => sum + sumOf(context, metric), 0);
}

/** @returns {number} the share of cache reads in all input tokens of the range; NaN without any */
export function cacheShare(context) {
  const [read, input, created] = [CACHE_READ, INPUT, CACHE_CREATION].map((metric) => sumOf(context, metric));
  return read / (read + input + created);
}

/**
 * @param {import('../../store/metric-store').MetricStore} store
 * @returns {{name: string, value: number}[]} all models with a cost, the most expensive one first. In this order they get
 *   their colours, so that the largest ones have different colours
 */
export function modelsByCost(store) {
  return totalsBy({ store, filter: {}, range: { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } }, COST, NAME_OF.model);
}

/** The starts of the days before today, from the first one that has data. */
function daysBefore({ store, nowMs }) {
  const { series } = store.select(COST);
  const days = Array.from({ length: DAYS }, (_, index) => midnightAfter(nowMs, index - DAYS));
  const first = days.findIndex((day) => series.some(({ id }) => store.sum(id, day, midnightAfter(day, 1)) > 0));
  return first === -1 ? [] : days.slice(first);
}

/**
 * The store has whole hours of the days before. The share of an hour that has begun is proportional to its time.
 */
function costUpTo(context, fromMs, toMs) {
  const hour = Math.floor(toMs / HOUR) * HOUR;
  const whole = sumOf(context, COST, { fromMs, toMs: hour });
  const isRecent = context.nowMs - toMs < HOUR;
  if (isRecent) return whole + sumOf(context, COST, { fromMs: Math.max(hour, fromMs), toMs });
  return toMs === hour ? whole : whole + sumOf(context, COST, { fromMs: Math.max(hour, fromMs), toMs: hour + HOUR }) * (toMs - hour) / HOUR;
}

/** The cost from the start of a day up to each of its hours. */
function runningSums(context, fromMs, hours) {
  const range = { fromMs, toMs: fromMs + hours * HOUR, stepMs: HOUR };
  const [all] = sumsBy({ ...context, range }, COST, () => 'all');
  const sums = new Float64Array(hours + 1);
  for (let hour = 0; hour < hours; hour += 1) sums[hour + 1] = sums[hour] + (all?.values[hour] ?? 0);
  return sums;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function allTokensBy(context, nameOf) {
  const byName = new Map();
  for (const { name, values, total } of Object.values(TOKENS).flatMap((metric) => sumsBy(context, metric, nameOf))) {
    const known = byName.get(name);
    byName.set(name, { name, values: known === undefined ? values : known.values.map((value, step) => value + values[step]), total: total + (known?.total ?? 0) });
  }
  const list = [...byName.values()];
  list.sort((one, other) => other.total - one.total);
  return list;
}

function tokensByKind(context) {
  return Object.entries(TOKENS).flatMap(([kind, metric]) => sumsBy(context, metric, () => context.t(`tokens.${kind}`)));
}

function stacked(context, list, { unit, group, metrics }) {
  const { range: { times, stepMs } } = context;
  return { kind: 'time', style: 'stacked', times, stepMs, unit, group, series: list, ignored: ignoredFilters(context, metrics) };
}
