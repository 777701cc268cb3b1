'use strict';

const COST = 'ccxray.cost.usd_total';
const CALLS = 'ccxray.request.duration';
const TURNS = 'ccxray.provider.distribution_total';
const INPUT = 'ccxray.tokens.input_total';
const OUTPUT = 'ccxray.tokens.output_total';
const READ = 'ccxray.tokens.cache_read_total';
const WRITTEN = 'ccxray.tokens.cache_creation_total';

const ESTIMATE = 'An estimate at list prices, not an invoice.';
const GUARD = 'Groups in which fewer than "Smallest group" processes ran at the same time are hidden here, and are still part of the totals.';
const USD = 'currencyUSD';
const OF_BUDGET = [[null, 'green'], [0.8, 'orange'], [1, 'red']];

/**
 * @param {ReturnType<import('./promql').promql>} q
 * @returns {import('./dashboard').DashboardSpec}
 */
function cost(q) {
  return {
    uid: 'ccxray-cost',
    title: 'ccxray: cost and cache',
    description: 'What AI coding agents cost, against a budget, and how well prompt caches are used.',
    rows: [
      { title: 'Now', panels: now(q) },
      { title: 'Over time', panels: overTime(q) },
      { title: 'By team, project and model', panels: byGroup(q) },
      { title: 'Tokens and cache', panels: tokens(q) },
    ],
  };
}

function now(q) {
  const spent = q.added(COST);
  const days = 'days_in_month(vector(time()))';
  const rest = `clamp_min(${days} * 86400 - $__range_s, 0)`;
  const forecast = `${spent} + ${q.added(COST, { range: '7d' })} / 604800 * ${rest}`;
  const hour = q.added(COST, { range: '1h' });
  return [
    stat('Spent today', `Cost since midnight. ${ESTIMATE}`, USD, spent, { timeFrom: 'now/d' }),
    stat('Spent this week', `Cost since the week began. ${ESTIMATE}`, USD, spent, { timeFrom: 'now/w' }),
    stat('Spent this month', `Cost since the first of the month. ${ESTIMATE}`, USD, spent, { timeFrom: 'now/M' }),
    stat('Budget used', 'Cost since the first of the month, as a share of the budget.', 'percentunit', `${spent} / $budget`, { timeFrom: 'now/M', decimals: 0, thresholds: OF_BUDGET }),
    stat('Forecast for the month', 'Cost of this month so far, and for the rest of the month the mean of the last seven days.', USD, forecast, { timeFrom: 'now/M' }),
    stat('Forecast of the budget', 'The forecast as a share of the budget. Above 100 %, the budget will not last.', 'percentunit', `(${forecast}) / $budget`, { timeFrom: 'now/M', decimals: 0, thresholds: OF_BUDGET }),
    stat('Burn rate', 'Cost of the last hour.', USD, hour),
    stat('Burn rate to the usual', 'Cost of the last hour, divided by the median of the hours of the last seven days in which anything was spent.', 'x', `${hour} / quantile_over_time(0.5, (${hour} > 0)[7d:1h])`, { decimals: 1, thresholds: [[null, 'green'], [2, 'orange'], [3, 'red']] }),
    stat('Cost of a turn', 'Mean cost of a turn in the range.', USD, `${q.added(COST)} / ${q.added(TURNS)}`, { decimals: 3 }),
    stat('Cost of a session', 'Mean cost of a session in the range.', USD, `${q.added(COST)} / ${q.added('ccxray.sessions_total')}`, { decimals: 2 }),
    stat('Cost of the range', `Cost in the range of the dashboard. ${ESTIMATE}`, USD, spent),
    stat('Unpriced calls', 'Calls that used tokens at an unknown price. They are missing in the cost. Add their rates to ccxray.', 'short', q.added('ccxray.cost.unpriced_total'), { noValue: '0', decimals: 0, thresholds: [[null, 'green'], [1, 'orange']] }),
  ];
}

function overTime(q) {
  return [
    { kind: 'lines', title: 'Cost in an hour, by model', description: `The present rate, as US dollars in an hour. ${ESTIMATE}`, unit: USD, isStacked: true, queries: [{ expr: `${q.rate(COST, { groups: ['model'] })} * 3600`, legend: '{{model}}' }] },
    { kind: 'columns', title: 'Cost of each day, by provider', description: 'Each column is the 24 hours that end at its right edge. Days begin at midnight in the time zone of the dashboard.', unit: USD, isStacked: true, step: '1d', queries: [{ expr: q.added(COST, { range: '1d', groups: ['provider'] }), legend: '{{provider}}' }] },
  ];
}

function byGroup(q) {
  const both = ['project.name', 'team'];
  const bars = (title, description, expr, legend, more) => ({ kind: 'bars', title, description, unit: USD, queries: [{ expr, legend }], ...more });
  return [
    {
      kind: 'table',
      title: 'Teams and projects',
      description: `Cost, tokens and turns of each project in the range. ${GUARD}`,
      unit: 'short',
      span: 24,
      columns: [[q.raw('project.name'), 'Project'], [q.raw('team'), 'Team']],
      queries: [
        { title: 'Cost', unit: USD, expr: q.guarded(q.added(COST, { groups: both }), both) },
        { title: 'Input tokens', expr: q.guarded(q.added(INPUT, { groups: both }), both) },
        { title: 'Output tokens', expr: q.guarded(q.added(OUTPUT, { groups: both }), both) },
        { title: 'Cache reads', expr: q.guarded(q.added(READ, { groups: both }), both) },
        { title: 'Turns', expr: q.guarded(q.added(TURNS, { groups: both }), both) },
      ],
    },
    bars('Cost by team', `Cost in the range. ${GUARD}`, q.guarded(q.added(COST, { groups: ['team'] }), ['team']), '{{team}}', { span: 6 }),
    bars('Cost by project', `Cost in the range. ${GUARD}`, q.guarded(q.added(COST, { groups: ['project.name'] }), ['project.name']), `{{${q.raw('project.name')}}}`, { span: 6 }),
    bars('Cost by model', `Cost in the range. ${ESTIMATE}`, q.added(COST, { groups: ['model'] }), '{{model}}', { span: 6 }),
    bars('Cost of a call, by model', 'Mean cost of a call in the range.', `${q.added(COST, { groups: ['model'] })} / (${q.added(CALLS, { groups: ['model'], part: '_count' })} > 0)`, '{{model}}', { span: 6, decimals: 3 }),
  ];
}

function tokens(q) {
  const kinds = [[INPUT, 'input'], [OUTPUT, 'output'], [READ, 'cache reads'], [WRITTEN, 'cache writes']];
  const ratio = (options) => q.share(READ, [READ, WRITTEN, INPUT], options);
  return [
    { kind: 'lines', title: 'Tokens in a minute, by kind', description: 'Input tokens are those that were neither read from nor written to a cache.', unit: 'short', isStacked: true, queries: kinds.map(([metric, legend]) => ({ expr: `${q.rate(metric)} * 60`, legend })) },
    { kind: 'lines', title: 'Cache hit ratio, by model', description: 'Share of cache reads in all input tokens. A fall makes the same work more expensive.', unit: 'percentunit', max: 1, queries: [{ expr: ratio({ range: '$__rate_interval', groups: ['model'] }), legend: '{{model}}' }] },
    { kind: 'bars', title: 'Tokens by kind', description: 'Tokens in the range.', unit: 'short', queries: kinds.map(([metric, legend]) => ({ expr: q.added(metric), legend })) },
    { kind: 'bars', title: 'Cache writes by lifetime', description: 'Tokens written to a cache in the range. One-hour writes cost more than five-minute ones.', unit: 'short', queries: [{ expr: q.added(WRITTEN, { groups: ['ttl'] }), legend: '{{ttl}}' }] },
    stat('Cache hit ratio', 'Share of cache reads in all input tokens of the range.', 'percentunit', ratio({}), { decimals: 1, height: 6, span: 4, thresholds: [[null, 'red'], [0.5, 'orange'], [0.75, 'green']] }),
    stat('Running processes report', 'Mean of the cache hit ratio that each running process reports since its start.', 'percentunit', `avg(last_over_time(${q.series('ccxray.cache.hit_ratio')}[10m]))`, { decimals: 1, height: 6, span: 4 }),
  ];
}

function stat(title, description, unit, expr, more) {
  return { kind: 'stat', title, description, unit, decimals: 2, queries: [{ expr }], ...more };
}

module.exports = { GUARD, cost, stat };
