/** Turns, tools, sessions, and what the governance of a team wants to know. */

import { mergeHistograms, quantile } from '../../store/index.js';
import { byAttribute, ignoredFilters, sumOf, sumsBy, totalsBy, withRest } from './metric.js';

export const TURNS = 'ccxray.provider.distribution_total';
const SESSIONS = 'ccxray.sessions_total';
const UNPRICED = 'ccxray.cost.unpriced_total';
const CONTEXT = 'ccxray.context.utilization_pct';
const COMPACTIONS = 'ccxray.auto_compact.triggered_total';

/** The metrics that are shown as ranked bars: the attribute that names a bar, and the unit. */
const RANKED = {
  tools: ['ccxray.tool.invocations_total', 'tool', '{call}'],
  servers: ['ccxray.mcp.invocations_total', 'server', '{call}'],
  skills: ['ccxray.skill.activations_total', 'skill', '{activation}'],
  agents: ['ccxray.agent_type.invocations_total', 'type', '{turn}'],
  modes: ['ccxray.permission_mode.usage_total', 'mode', '{turn}'],
  dangerous: ['ccxray.dangerous_tool.invocations_total', 'pattern', '{call}'],
};

/**
 * @param {keyof typeof RANKED} name
 * @returns {(context: object) => object} the totals of the range, the largest first
 */
export function ranked(name) {
  const [metric, attribute, unit] = RANKED[name];
  return (context) => ({ kind: 'rank', unit, rows: totalsBy(context, metric, byAttribute(attribute)), ignored: ignoredFilters(context, [metric]) });
}

/** How full the context window was: main turns by bucket. */
export function contextFill(context) {
  const { store, range: { fromMs, toMs }, filter } = context;
  const { series } = store.select(CONTEXT, filter);
  const histogram = mergeHistograms(series.map(({ id }) => store.histogram(id, fromMs, toMs)));
  const bars = histogram === undefined ? [] : Array.from(histogram.buckets, (value, index) => ({ from: index === 0 ? 0 : histogram.bounds[index - 1], to: histogram.bounds[index] ?? Infinity, value }));
  const marks = histogram === undefined || histogram.count === 0 ? [] : [['p50', 0.5], ['p90', 0.9]].map(([name, q]) => ({ name, value: quantile(histogram, q) }));
  return { kind: 'distribution', unit: '{turn}', boundUnit: '%', bars, marks, ignored: ignoredFilters(context, [CONTEXT]) };
}

/** Compactions of conversations over time, by trigger. */
export function compactions(context) {
  const { range: { times, stepMs }, t } = context;
  const series = withRest(sumsBy(context, COMPACTIONS, byAttribute('trigger')), t('others'));
  return { kind: 'time', style: 'stacked', times, stepMs, unit: '{compaction}', group: 'trigger', series, ignored: ignoredFilters(context, [COMPACTIONS]) };
}

/** Turns without a price, and turns that were not fully understood. */
export function unpricedAndDegraded(context) {
  const { range: { times, stepMs }, t } = context;
  const unpriced = sumsBy(context, UNPRICED, () => t('unpriced'));
  const degraded = sumsBy(context, TURNS, ({ attributes }) => (isDegraded(attributes) ? t('degraded') : '')).filter(({ name }) => name !== '');
  return { kind: 'time', style: 'stacked', times, stepMs, unit: '{turn}', group: 'degraded', series: [...unpriced, ...degraded], ignored: ignoredFilters(context, [UNPRICED, TURNS]) };
}

/** @returns {{turns: number, degraded: number, sessions: number}} in the range */
export function counts(context) {
  return { turns: sumOf(context, TURNS), degraded: sumOf(context, TURNS, context.range, isDegraded), sessions: sumOf(context, SESSIONS) };
}

function isDegraded(attributes) {
  return attributes['ccxray.parser.degraded'] === 'true';
}
