'use strict';

const { RATE_LIMITS } = require('./quality');

/** What all projects, and each project, may cost in 24 hours. The place to set it. */
const BUDGETS = { 'ccxray:budget_usd:1d': 250, 'ccxray:project_budget_usd:1d': 100 };

const COST = 'ccxray.cost.usd_total';
const TURNS = 'ccxray.provider.distribution_total';
/** All input tokens. */
const INPUT = ['ccxray.tokens.input_total', 'ccxray.tokens.cache_read_total', 'ccxray.tokens.cache_creation_total'];
const TOOLS = 'ccxray.tool.invocations_total';

/**
 * The recording rules: the sums that several alerts use, and that load faster than the series of all processes.
 * @param {ReturnType<import('./promql').promql>} q
 * @returns {{name: string, interval: string, rules: {record: string, expr: string}[]}[]} groups
 */
function recordings(q) {
  const byProvider = (metric, range, more) => q.added(metric, { range, groups: ['provider'], ...more });
  const hourly = { range: '1h', groups: ['provider'] };
  const degraded = { range: '1h', match: [`${q.label('ccxray.parser.degraded')}="true"`] };
  const sums = {
    'ccxray:cost_usd:1h': q.added(COST, { range: '1h' }),
    'ccxray:cost_usd:1d': q.added(COST, { range: '1d' }),
    'ccxray:project_cost_usd:1d': q.added(COST, { range: '1d', groups: ['project.name', 'team'] }),
    'ccxray:turns:1h': q.added(TURNS, { range: '1h' }),
    'ccxray:input_tokens:1h': q.addedToAny(INPUT, hourly),
    'ccxray:cache_hit_ratio:1h': q.share('ccxray.tokens.cache_read_total', INPUT, hourly),
    'ccxray:calls:15m': byProvider('ccxray.request.duration', '15m', { part: '_count' }),
    'ccxray:error_ratio:15m': `${byProvider('ccxray.errors_total', '15m')}\n/ (${byProvider('ccxray.request.duration', '15m', { part: '_count' })} > 0)`,
    'ccxray:rate_limits:15m': byProvider('ccxray.errors_total', '15m', { match: [RATE_LIMITS] }),
    'ccxray:first_token_seconds:p95_15m': q.quantile(0.95, 'ccxray.request.time_to_first_token', { range: '15m', groups: ['provider'] }),
    'ccxray:quota_ratio:max': q.quota(),
    'ccxray:context_pct:p90_1h': q.quantile(0.9, 'ccxray.context.utilization_pct', { range: '1h' }),
    'ccxray:tool_calls:1h': byProvider(TOOLS, '1h'),
    'ccxray:tool_failure_ratio:1h': `${byProvider('ccxray.tool.failures_total', '1h')}\n/ (${byProvider(TOOLS, '1h')} > 0)`,
    'ccxray:degraded_ratio:1h': `${q.added(TURNS, degraded)}\n/ (${q.added(TURNS, { range: '1h' })} > 0)`,
    'ccxray:processes:count': q.processes(),
  };
  return [
    { name: 'ccxray_budgets', interval: '1m', rules: Object.entries(BUDGETS).map(([record, dollars]) => ({ record, expr: `vector(${dollars})` })) },
    { name: 'ccxray_sums', interval: '1m', rules: Object.entries(sums).map(([record, expr]) => ({ record, expr })) },
  ];
}

module.exports = { recordings };
