'use strict';

const { stat } = require('./cost');

const STATE = 'ccxray.otel.state';
const TURNS = 'ccxray.provider.distribution_total';
const STARTS = 'ccxray.otel.tier_distribution';
const EXPORTS = 'ccxray.otel.exports_dropped_total';
const ENTRIES = 'ccxray.otel.entries_dropped_total';
const OVERFLOW = 'ccxray.metrics.overflow_total';
const BAD = [[null, 'green'], [1, 'red']];
const DEGRADED = 'ccxray.parser.degraded';

/** Sentinels without attributes, or with one that says little. */
const PLAIN_SENTINELS = [
  ['ccxray.parser.unknown_tool_total', 'unknown tool'],
  ['ccxray.parser.unknown_skill_marker_total', 'unknown skill marker'],
  ['ccxray.parser.unknown_mcp_format_total', 'unknown MCP name'],
  ['ccxray.parser.fallback_used_total', 'less exact source'],
  ['ccxray.parser.error_total', 'not JSON'],
  ['ccxray.parser.reconciliation_mismatch_total', 'two counts differ'],
  ['ccxray.invariants.sse_truncated_total', 'truncated stream'],
];

/** @param {ReturnType<import('./promql').promql>} q @returns {import('./dashboard').DashboardSpec} */
function health(q) {
  return {
    uid: 'ccxray-health',
    title: 'ccxray: telemetry health',
    description: 'Whether the numbers of the other dashboards are complete.',
    rows: [
      { title: 'Now', panels: now(q) },
      { title: 'Exporters', panels: exporters(q) },
      { title: 'What was not understood', panels: sentinels(q) },
      { title: 'Tiers and series', panels: tiers(q) },
    ],
  };
}

function now(q) {
  const unhealthy = q.series(STATE, { match: ['state=~"degraded|circuit_open|half_open"'] });
  const degraded = q.added(TURNS, { match: [`${q.label(DEGRADED)}="true"`] });
  return [
    stat('Processes now', 'Processes whose data arrived in the last 10 minutes.', 'short', q.processes(), { decimals: 0, noValue: '0', thresholds: [[null, 'red'], [1, 'green']] }),
    stat('Newest data', 'How old the newest data point of any process is. Looks back one day.', 's', `time() - max_over_time((max(timestamp(${q.series(STATE)})))[1d:1m])`, { decimals: 0, noValue: 'More than a day', thresholds: [[null, 'green'], [600, 'orange'], [3600, 'red']] }),
    stat('Unhealthy exporters', 'Processes whose exporter is degraded or whose circuit breaker is open. Run "ccxray-otel status" there.', 'short', `sum(last_over_time(${unhealthy}[10m]))`, { decimals: 0, noValue: '0', thresholds: BAD }),
    stat('Exports dropped', 'Exports that were lost in the range.', 'short', q.added(EXPORTS), { decimals: 0, noValue: '0', thresholds: BAD }),
    stat('Entries dropped', 'Entries that ccxray handed over and that were not counted, in the range.', 'short', q.added(ENTRIES), { decimals: 0, noValue: '0', thresholds: BAD }),
    stat('Degraded turns', 'Share of turns that were not fully understood. A jump shows that an agent has changed.', 'percentunit', `${degraded} / ${q.added(TURNS)}`, { decimals: 1, noValue: '0', thresholds: [[null, 'green'], [0.05, 'red']] }),
  ];
}

function bars(title, description, expr, legend) {
  return { kind: 'bars', title, description, unit: 'short', noValue: '0', queries: [{ expr, legend }] };
}

function exporters(q) {
  return [
    { kind: 'lines', title: 'Processes by state', description: 'How many exporters are in which state.', unit: 'short', isStacked: true, queries: [{ expr: `sum by (state) (${q.series(STATE)}) > 0`, legend: '{{state}}' }] },
    { kind: 'columns', title: 'Drops over time', description: 'Exports and entries dropped in each step.', unit: 'short', isStacked: true, noValue: '0', queries: [{ expr: `${q.added(EXPORTS, { range: '$__interval', groups: ['reason'] })} > 0`, legend: 'exports: {{reason}}' }, { expr: `${q.added(ENTRIES, { range: '$__interval', groups: ['reason'] })} > 0`, legend: 'entries: {{reason}}' }] },
    bars('Exports dropped by reason', 'rejected: the backend refused it. partial_success: the backend refused some points. shutdown: the process ended first.', q.added(EXPORTS, { groups: ['reason'] }), '{{reason}}'),
    bars('Entries dropped by reason', 'queue_full and queue_bytes: more entries than the worker could count. malformed: not an entry.', q.added(ENTRIES, { groups: ['reason'] }), '{{reason}}'),
    { kind: 'table', title: 'Overflow', description: 'Measurements recorded as "_overflow_", because an attribute reached its cardinality limit.', unit: 'short', span: 8, noValue: 'None', columns: [['metric', 'Metric'], ['attribute', 'Attribute']], queries: [{ title: 'Measurements', expr: q.added(OVERFLOW, { groups: ['metric', 'attribute'] }) }] },
  ];
}

function sentinels(q) {
  const table = (title, description, columns, metric) => ({ kind: 'table', title, description, unit: 'short', span: 8, noValue: 'None', columns: columns.map((key) => [key, key]), queries: [{ title: 'count', expr: q.added(metric, { groups: columns }) }] });
  return [
    { kind: 'lines', title: 'Degraded turns over time', description: 'Share of turns that were not fully understood, by provider.', unit: 'percentunit', queries: [{ expr: `${q.rate(TURNS, { groups: ['provider'], match: [`${q.label(DEGRADED)}="true"`] })} / (${q.rate(TURNS, { groups: ['provider'] })} > 0)`, legend: '{{provider}}' }] },
    { kind: 'bars', title: 'Sentinels', description: 'What the parsers met in the range and did not fully understand. "ccxray-otel report" on the machine has the names.', unit: 'short', span: 12, height: 8, noValue: '0', queries: PLAIN_SENTINELS.map(([metric, legend]) => ({ expr: q.added(metric), legend })) },
    table('Less exact sources', 'Facts taken from a less exact source, by fact and reason.', ['parser', 'reason'], 'ccxray.parser.fallback_used_total'),
    table('Not JSON', 'Entries, requests and responses that are not JSON.', ['parser', 'error_type'], 'ccxray.parser.error_total'),
    table('Two counts differ', 'Two counts of a turn that should be equal and are not.', ['type'], 'ccxray.invariants.parser_mismatch_total'),
  ];
}

function tiers(q) {
  return [
    { kind: 'bars', title: 'Starts by tier', description: 'Starts of a project\'s telemetry in the range. Tier 0 sends nothing, so it does not appear.', unit: 'short', span: 12, queries: [{ expr: q.added(STARTS, { groups: ['tier'] }), legend: 'tier {{tier}}' }] },
    { kind: 'bars', title: 'Series by metric', description: 'Series of running processes. Each process has its own.', unit: 'short', span: 12, queries: [{ expr: `topk(12, count by (__name__) ({__name__=~"ccxray[._].+",${q.label('project.name')}=~"$project",team=~"$team"}))`, legend: '{{__name__}}' }] },
    { kind: 'columns', title: 'Starts of each day', description: 'Each column is the 24 hours that end at its right edge. Days begin at midnight in the time zone of the dashboard.', unit: 'short', span: 18, step: '1d', queries: [{ expr: q.added(STARTS, { range: '1d' }), legend: 'starts' }] },
    stat('Counted twice', 'Processes whose agent also sends its own telemetry. Its numbers and ours count the same calls. Needs the label ccxray_cli_otel_active.', 'short', `count(last_over_time(${q.series(STATE, { match: ['state="active"', `${q.label('ccxray.cli_otel_active')}="true"`] })}[10m]))`, { decimals: 0, noValue: '0', span: 6, height: 8 }),
  ];
}

module.exports = { health };
