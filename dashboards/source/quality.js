'use strict';

const { stat } = require('./cost');

const DURATION = 'ccxray.request.duration';
const FIRST = 'ccxray.request.time_to_first_token';
const ERRORS = 'ccxray.errors_total';
/** Answers of upstreams that refuse a call because of its rate. */
const RATE_LIMITS = 'type=~"rate_limit_error|rate_limit_exceeded|slow_down|usage_limit_reached|http_429"';
const OVERLOADS = 'type=~"overloaded_error|server_is_overloaded|http_529|http_503"';
const PERCENTILES = [[0.5, 'p50'], [0.95, 'p95'], [0.99, 'p99']];
const SHARE = { decimals: 1, thresholds: [[null, 'green'], [0.02, 'orange'], [0.1, 'red']] };

/** @param {ReturnType<import('./promql').promql>} q @returns {import('./dashboard').DashboardSpec} */
function quality(q) {
  return {
    uid: 'ccxray-quality',
    title: 'ccxray: quality and quota',
    description: 'How fast and how reliably models answer, and how much of the quotas is used.',
    rows: [
      { title: 'In this range', panels: summary(q) },
      { title: 'How fast', panels: latency(q) },
      { title: 'Errors and endings', panels: endings(q) },
      { title: 'Quota', panels: quotas(q) },
    ],
  };
}

function summary(q) {
  const calls = q.added(DURATION, { part: '_count' });
  return [
    stat('Latency, median', 'Half of the calls took less: from a request\'s arrival to its response\'s end.', 's', q.quantile(0.5, DURATION), { decimals: 1 }),
    stat('Latency, p95', '95 % of the calls took less.', 's', q.quantile(0.95, DURATION), { decimals: 1 }),
    stat('First token, median', 'Half of the calls got the first piece of the answer sooner.', 's', q.quantile(0.5, FIRST), { decimals: 1 }),
    stat('First token, p95', '95 % of the calls got the first piece of the answer sooner.', 's', q.quantile(0.95, FIRST), { decimals: 1 }),
    stat('Error share', 'Calls that ended in an error, divided by all calls with a duration. Calls that never reached an upstream leave no trace.', 'percentunit', `${q.added(ERRORS)} / ${calls}`, { ...SHARE, noValue: '0' }),
    count('Calls', 'Calls with a duration, side requests included.', calls),
    count('Rate limits (429)', 'Calls that an upstream refused because of their rate or a used-up limit.', q.added(ERRORS, { match: [RATE_LIMITS] })),
    count('Overloads (529, 503)', 'Calls that an upstream refused because it was overloaded.', q.added(ERRORS, { match: [OVERLOADS] })),
    count('Truncated streams', 'Streams that ended without their last event.', q.added('ccxray.invariants.sse_truncated_total')),
    count('Cut at the output limit', 'Turns that reached the most output tokens.', q.added('ccxray.max_tokens_hit_total')),
    count('Failed tool results', 'Failed results of tools. For Codex a lower bound: most of its results do not show whether the tool failed.', q.added('ccxray.tool.failures_total')),
    stat('Tool failure share', 'Failed tool results, divided by tool calls. For Codex a lower bound.', 'percentunit', `${q.added('ccxray.tool.failures_total')} / ${q.added('ccxray.tool.invocations_total')}`, { ...SHARE, noValue: '0' }),
  ];
}

function count(title, description, expr) {
  return stat(title, description, 'short', expr, { decimals: 0, noValue: '0' });
}

function latency(q) {
  const lines = (title, metric, what) => ({ kind: 'lines', title, description: `${what} Percentiles are interpolated within the buckets of the histogram.`, unit: 's', queries: PERCENTILES.map(([quantile, legend]) => ({ expr: q.quantileLine(quantile, metric), legend })) });
  return [
    lines('Latency', DURATION, 'From a request\'s arrival to its response\'s end.'),
    lines('Time to first token', FIRST, 'From a request\'s arrival to the first piece of the answer.'),
    { kind: 'heatmap', title: 'Latency, distribution', description: 'How many calls took how long, in milliseconds.', unit: 'ms', queries: [{ expr: q.added('ccxray.latency_ms', { range: '$__interval', groups: ['le'], part: '_bucket' }), legend: '{{le}}' }] },
    {
      kind: 'table',
      title: 'Models',
      description: 'Latency of each model in the range.',
      unit: 's',
      height: 8,
      columns: [['model', 'Model'], ['provider', 'Provider']],
      queries: [
        { title: 'Calls', unit: 'short', expr: q.added(DURATION, { part: '_count', groups: ['model', 'provider'] }) },
        { title: 'Median', expr: q.quantile(0.5, DURATION, { groups: ['model', 'provider'] }) },
        { title: 'p95', expr: q.quantile(0.95, DURATION, { groups: ['model', 'provider'] }) },
        { title: 'First token, median', expr: q.quantile(0.5, FIRST, { groups: ['model', 'provider'] }) },
        { title: 'First token, p95', expr: q.quantile(0.95, FIRST, { groups: ['model', 'provider'] }) },
      ],
    },
  ];
}

function bars(title, description, expr, legend) {
  return { kind: 'bars', title, description, unit: 'short', noValue: '0', queries: [{ expr: `topk(12, ${expr})`, legend }] };
}

function endings(q) {
  return [
    { kind: 'columns', title: 'Errors by type', description: 'Calls that ended in an error. A type that no catalog contains is "other".', unit: 'short', isStacked: true, noValue: '0', queries: [{ expr: `${q.added(ERRORS, { range: '$__interval', groups: ['type'] })} > 0`, legend: '{{type}}' }] },
    { kind: 'lines', title: 'Error share by provider', description: 'Calls that ended in an error, divided by calls with a duration.', unit: 'percentunit', queries: [{ expr: `${q.rate(ERRORS, { groups: ['provider'] })} / (${q.rate(DURATION, { groups: ['provider'], part: '_count' })} > 0)`, legend: '{{provider}}' }] },
    bars('Stop reasons', 'Turns by the reason why the model stopped. The variables for provider and model do not apply.', q.added('ccxray.stop_reason_total', { groups: ['reason'] }), '{{reason}}'),
    bars('Cut at the output limit, by model', 'Turns that reached the most output tokens.', q.added('ccxray.max_tokens_hit_total', { groups: ['model'] }), '{{model}}'),
    bars('Failed tool results, by provider', 'For Codex a lower bound: most of its results do not show whether the tool failed.', q.added('ccxray.tool.failures_total', { groups: ['provider'] }), '{{provider}}'),
  ];
}

/** Seconds until a window ends that began at the last fall of a quota. */
function resetBy(q, window, seconds, step) {
  const fall = `((${q.quota({ offset: ' offset 10m' })} - ${q.quota()}) > 0.1) * 0 + time()`;
  const left = `${seconds} - (time() - max_over_time((${fall})[${window}:${step}]))`;
  return `(${left}) and on (window) label_replace(vector(0), "window", "${window}", "", "")`;
}

function quotas(q) {
  const rise = q.quota({ of: (selector) => `deriv(${selector}[30m])` });
  const legend = '{{provider}} {{window}}';
  return [
    { kind: 'bars', title: 'Quota used now', description: 'The fullest quota that a process reports which had a turn in the last 15 minutes. "5h" and "7d" are the upstream\'s windows.', unit: 'percentunit', max: 1, decimals: 0, span: 6, height: 8, thresholds: [[null, 'green'], [0.8, 'orange'], [0.95, 'red']], queries: [{ expr: q.quota(), legend }] },
    { kind: 'lines', title: 'Quota used', description: 'The same over time. A quota belongs to an account, so with several accounts this is the fullest one.', unit: 'percentunit', max: 1, span: 18, queries: [{ expr: q.quota(), legend }] },
    { kind: 'bars', title: 'Full in, at the present rate', description: 'The unused part, divided by the rise of the last 30 minutes. Empty while a quota does not rise. If the window resets before that, the quota does not get full.', unit: 's', span: 12, noValue: 'Not rising', queries: [{ expr: `(1 - ${q.quota()}) / (${rise} > 0)`, legend }] },
    { kind: 'bars', title: 'Reset at the latest in', description: 'No metric contains the time of the reset. This is the length of the window, less the time since the quota last fell by more than 10 points. Empty if no such fall was seen, or no process had a turn then.', unit: 's', span: 12, noValue: 'Not known', queries: [{ expr: resetBy(q, '5h', 18000, '5m'), legend }, { expr: resetBy(q, '7d', 604800, '10m'), legend }] },
  ];
}

module.exports = { RATE_LIMITS, quality };
