'use strict';

const { DAY, NOW } = require('./calendar');
const { BOUNDS } = require('./recorder');
const { addedIn, measurementsOf } = require('./truth');

const COST = 'ccxray.cost.usd_total';
const TOKENS = {
  input: 'ccxray.tokens.input_total', output: 'ccxray.tokens.output_total', 'cache reads': 'ccxray.tokens.cache_read_total', 'cache writes': 'ccxray.tokens.cache_creation_total',
};
const CALLS = 'ccxray.request.duration';
const ERRORS = 'ccxray.errors_total';
const TURNS = 'ccxray.provider.distribution_total';
const RATE_LIMITS = new Set(['rate_limit_error', 'usage_limit_reached', 'http_429']);

/**
 * What panels have to show, computed from the measurements and not from samples. Each panel has one number for each group; the
 * name of a group is the value of its label, or the legend of its query.
 * @param {object} samples see `fortnight`
 * @param {object} view
 * @param {number} view.from
 * @param {number} view.to
 * @param {(attributes: object, process: object) => boolean} view.where what the dashboard's variables let through
 * @returns {Record<string, Map<string, number>>} by title of the panel
 */
function expectations(samples, { from, to, where }) {
  const amounts = (metric, group, options) => addedIn(samples, metric, { from, to, where, group, ...options }).amounts;
  const counts = (metric, group, options) => addedIn(samples, metric, { from, to, where, group, ...options }).counts;
  const month = Date.UTC(2026, 10) / 1000;
  const monday = Date.UTC(2026, 10, 9) / 1000;
  const spent = (begin) => only(amounts(COST, undefined, { from: begin }));
  const input = [TOKENS.input, TOKENS['cache reads'], TOKENS['cache writes']].map((metric) => only(amounts(metric)));
  const limited = (attributes, process) => where(attributes, process) && RATE_LIMITS.has(attributes.type);
  const forecast = spent(month) + spent(to - 7 * DAY) / (7 * DAY) * (month + 30 * DAY - to);
  return {
    'Spent today': one(spent(to - (to % DAY))),
    'Spent this week': one(spent(monday)),
    'Spent this month': one(spent(month)),
    'Budget used': one(spent(month) / 5000),
    'Forecast for the month': one(forecast),
    'Forecast of the budget': one(forecast / 5000),
    'Burn rate': one(spent(to - 3600)),
    'Cost of the range': one(spent(from)),
    'Cost of a turn': one(spent(from) / only(amounts(TURNS))),
    'Cost by model': amounts(COST, ({ model }) => model),
    'Tokens by kind': new Map(Object.entries(TOKENS).map(([kind, metric]) => [kind, only(amounts(metric))])),
    'Cache writes by lifetime': amounts(TOKENS['cache writes'], ({ ttl }) => ttl),
    'Cache hit ratio': one(input[1] / input.reduce((sum, part) => sum + part, 0)),
    'Calls': one(only(counts(CALLS))),
    'Latency, p95': one(quantileOf(samples, 0.95, CALLS, { from, to, where })),
    'Error share': one(only(amounts(ERRORS)) / only(counts(CALLS))),
    'Rate limits (429)': one(only(amounts(ERRORS, undefined, { where: limited }))),
    'Failed tool results, by provider': amounts('ccxray.tool.failures_total', ({ provider }) => provider),
    'Turns': one(only(amounts(TURNS))),
    'Sessions': one(only(amounts('ccxray.sessions_total'))),
    'Tools': largest(12, amounts('ccxray.tool.invocations_total', ({ tool }) => tool)),
    'Dangerous commands by class': amounts('ccxray.dangerous_tool.invocations_total', ({ pattern }) => pattern),
    'Permission modes': amounts('ccxray.permission_mode.usage_total', ({ mode }) => mode),
    'Entries dropped by reason': amounts('ccxray.otel.entries_dropped_total', ({ reason }) => reason),
    'Starts by tier': new Map(Array.from(amounts('ccxray.otel.tier_distribution', ({ tier }) => tier), ([tier, count]) => [tier, count])),
    'Processes now': one(samples.recorders.filter(({ process }) => where({}, process) && process.exports.at(-1) > NOW - 600).length),
  };
}

/** A panel with one number. */
function one(value) {
  return new Map([['', value]]);
}

function only(map) {
  return map.get('') ?? 0;
}

function largest(count, map) {
  return new Map([...map].toSorted(([, a], [, b]) => b - a).slice(0, count));
}

/** A quantile as Prometheus interpolates it within the buckets. */
function quantileOf(samples, q, metric, { from, to, where }) {
  const buckets = [...BOUNDS[metric], Infinity].map((bound) => ({ bound, count: 0 }));
  for (const { time, process, attributes, amount } of measurementsOf(samples, metric)) {
    if (time > from && time <= to && where(attributes, process)) for (const bucket of buckets) bucket.count += Number(amount <= bucket.bound);
  }
  const rank = q * buckets.at(-1).count;
  const at = buckets.findIndex(({ count }) => count >= rank);
  const below = at === 0 ? { bound: 0, count: 0 } : buckets[at - 1];
  return below.bound + (buckets[at].bound - below.bound) * (rank - below.count) / (buckets[at].count - below.count);
}

module.exports = { expectations };
