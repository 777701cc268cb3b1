'use strict';

const { FULL_ACCESS } = require('./usage');

/** Where the cures are. Replace it by your copy, if you keep one. */
const RUNBOOK = 'https://github.com/ccxray/otel-native/blob/main/dashboards/README.md';

/**
 * The alert rules. Those about governance have no label of a project or a team: in a small one they could identify a person.
 * @param {ReturnType<import('./promql').promql>} q
 * @returns {object[]} rules as Prometheus reads them
 */
function alerts(q) {
  const value = (key) => (q.raw(key).includes('.') ? `{{ index $labels "${q.raw(key)}" }}` : `{{ $labels.${q.raw(key)} }}`);
  return [...cost(q, value), ...quality(q), ...governance(q), ...health(q)];
}

function cost(q, value) {
  const unpriced = q.added('ccxray.cost.unpriced_total', { range: '1h', groups: ['provider', 'model'] });
  return [
    alert('CcxrayDailyBudgetSpent', 'critical', '5m', 'ccxray:cost_usd:1d > ccxray:budget_usd:1d',
      'The budget of a day is spent', 'The last 24 hours cost {{ $value | printf "%.2f" }} US dollars. Look at "Cost by model" and "Burn rate"; the budget is the rule ccxray:budget_usd:1d.'),
    alert('CcxrayProjectBudgetSpent', 'warning', '5m', 'ccxray:project_cost_usd:1d > on () group_left () ccxray:project_budget_usd:1d',
      `Project ${value('project.name')} has spent its budget of a day`, 'The last 24 hours cost {{ $value | printf "%.2f" }} US dollars. Use a cheaper model, or raise the rule ccxray:project_budget_usd:1d.'),
    alert('CcxrayBurnRateHigh', 'warning', '15m', 'ccxray:cost_usd:1h > 3 * quantile_over_time(0.5, (ccxray:cost_usd:1h > 0)[7d:1h])\nand ccxray:cost_usd:1h > 5',
      'Cost is three times that of a usual hour', 'The last hour cost {{ $value | printf "%.2f" }} US dollars. Look for a loop of an agent, or for a more expensive model.'),
    alert('CcxrayCacheHitRatioLow', 'warning', '30m', 'ccxray:cache_hit_ratio:1h < 0.5\nand on (provider) ccxray:input_tokens:1h > 1e6',
      'Few input tokens of {{ $labels.provider }} come from a cache', 'Only {{ $value | humanizePercentage }} in the last hour. A changing system prompt, a list of tools that changes, or long pauses lose the cache.'),
    alert('CcxrayCallsUnpriced', 'info', '0m', `${unpriced} > 0`,
      'Calls of {{ $labels.model }} have no price', '{{ $value }} calls in the last hour are missing in the cost. Add the rates of this model to ccxray.'),
  ];
}

function quality(q) {
  const rise = q.quota({ of: (selector) => `deriv(${selector}[30m])` });
  return [
    alert('CcxrayErrorShareHigh', 'critical', '10m', 'ccxray:error_ratio:15m > 0.1\nand on (provider) ccxray:calls:15m >= 20',
      '{{ $value | humanizePercentage }} of the calls of {{ $labels.provider }} fail', 'Look at "Errors by type". Errors of authentication need a new key; overloads pass by themselves.'),
    alert('CcxrayRateLimited', 'warning', '0m', 'ccxray:rate_limits:15m >= 5',
      '{{ $labels.provider }} refuses calls because of their rate', '{{ $value }} calls in 15 minutes. Run fewer agents at once, or ask for a higher limit.'),
    alert('CcxrayFirstTokenSlow', 'warning', '15m', 'ccxray:first_token_seconds:p95_15m > 30\nand on (provider) ccxray:calls:15m >= 20',
      'Answers of {{ $labels.provider }} begin late', '5 % of the calls wait longer than {{ $value | humanizeDuration }} for the first token. Look at the status page of the provider, and at the network.'),
    alert('CcxrayQuotaNearlyUsed', 'warning', '5m', 'ccxray:quota_ratio:max > 0.8',
      '{{ $value | humanizePercentage }} of the quota {{ $labels.window }} of {{ $labels.provider }} is used', 'Postpone large jobs until the window resets, or use another account or provider.'),
    alert('CcxrayQuotaFullSoon', 'warning', '10m', `(1 - ccxray:quota_ratio:max) / (${rise} > 0) < 1800\nand ccxray:quota_ratio:max > 0.5`,
      'The quota {{ $labels.window }} of {{ $labels.provider }} will be full in {{ $value | humanizeDuration }}', 'That is at the rate of the last 30 minutes. If the window resets before, nothing happens.'),
    alert('CcxrayContextNearlyFull', 'info', '30m', 'ccxray:context_pct:p90_1h > 85',
      'Context windows are nearly full', 'One turn in ten fills more than {{ $value | printf "%.0f" }} % of its window. Begin new sessions for new tasks, and reduce what tools return.'),
    alert('CcxrayCompactionsFrequent', 'info', '15m', `${q.added('ccxray.auto_compact.triggered_total', { range: '1h' })} / ccxray:turns:1h > 0.05\nand ccxray:turns:1h > 50`,
      'Conversations are compacted often', '{{ $value | humanizePercentage }} of the turns of the last hour led to a compaction. Each one loses details and costs tokens.'),
    alert('CcxrayToolFailuresHigh', 'warning', '30m', 'ccxray:tool_failure_ratio:1h > 0.25\nand on (provider) ccxray:tool_calls:1h >= 50',
      '{{ $value | humanizePercentage }} of the tool calls of {{ $labels.provider }} fail', 'A broken test command, a missing program or an MCP server that is away are the usual reasons.'),
  ];
}

function governance(q) {
  return [
    alert('CcxrayFullAccessUsed', 'warning', '0m', `${q.added('ccxray.permission_mode.usage_total', { range: '15m', match: [FULL_ACCESS] })} > 0`,
      'An agent runs with full access', '{{ $value }} turns in 15 minutes could do anything on their machine without a question. If your rules forbid that, set the sandbox and the approval policy in the managed configuration of Codex.'),
    alert('CcxrayDangerousCommand', 'warning', '0m', `${q.added('ccxray.dangerous_tool.invocations_total', { range: '15m', groups: ['pattern'] })} > 0`,
      'An agent called a command of the class {{ $labels.pattern }}', '{{ $value }} calls in 15 minutes. The command itself is never sent. It may be harmless, and may have been refused; the logs of ccxray on the machine show it.'),
  ];
}

function health(q) {
  const state = q.series('ccxray.otel.state', { match: ['state=~"degraded|circuit_open|half_open"'] });
  const process = q.list(['instance', 'service.instance.id']);
  const busy = `count(sum by (${process}) (rate(${q.series('ccxray.provider.distribution_total')}[15m] offset 15m)) > 0)`;
  const added = (metric, groups, range) => q.added(metric, { range, groups });
  return [
    alert('CcxrayTurnsDegraded', 'warning', '15m', 'ccxray:degraded_ratio:1h > 0.05',
      '{{ $value | humanizePercentage }} of the turns were not fully understood', 'An agent has probably changed. Run "ccxray-otel report" on a machine to see what is new, and update this package.'),
    alert('CcxrayCardinalityOverflow', 'info', '0m', `${added('ccxray.metrics.overflow_total', ['metric', 'attribute'], '1h')} > 0`,
      '{{ $labels.metric }} has too many values of {{ $labels.attribute }}', 'Further values are recorded as "_overflow_". Raise otel.cardinality_overrides, or send fewer private names.'),
    alert('CcxrayExporterUnhealthy', 'warning', '10m', `sum by (state) (last_over_time(${state}[10m])) > 0`,
      '{{ $value }} exporters are in the state {{ $labels.state }}', 'Run "ccxray-otel status" on the machine. It shows the last error and the cure.'),
    alert('CcxrayExportsDropped', 'critical', '0m', `${added('ccxray.otel.exports_dropped_total', ['reason'], '15m')} > 0`,
      'Exports are lost ({{ $labels.reason }})', '{{ $value }} in 15 minutes. "rejected" and "partial_success": the backend refuses data; its log says why.'),
    alert('CcxrayEntriesDropped', 'warning', '0m', `${added('ccxray.otel.entries_dropped_total', ['reason'], '15m')} > 0`,
      'Turns are not counted ({{ $labels.reason }})', '{{ $value }} entries in 15 minutes. "queue_full": the machine is overloaded. "malformed": update this package.'),
    { ...alert('CcxrayNoData', 'critical', '0m', `${busy} >= 3\nunless on () ccxray:processes:count > 0`,
      'No process sends data any more', '{{ $value }} processes had turns 15 minutes ago, and nothing arrives now. The way to this backend is probably broken: look at the collector and the network.'), keep_firing_for: '1h' },
  ];
}

function alert(name, severity, pending, expr, summary, description) {
  return {
    alert: name, expr, for: pending, labels: { severity },
    annotations: { summary, description, runbook_url: `${RUNBOOK}#${name.toLowerCase()}` },
  };
}

module.exports = { alerts };
