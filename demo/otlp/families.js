'use strict';

/** All metrics, by the families and in the order of docs/metrics.md. They are for tables, not for deriving metrics. */
const FAMILIES = [
  {
    family: 'cost',
    metrics: [
      'ccxray.tokens.input_total', 'ccxray.tokens.output_total', 'ccxray.tokens.cache_read_total',
      'ccxray.tokens.cache_creation_total', 'ccxray.cost.usd_total', 'ccxray.cost.unpriced_total', 'ccxray.cache.hit_ratio',
    ],
  },
  {
    family: 'usage',
    metrics: [
      'ccxray.tool.invocations_total', 'ccxray.mcp.invocations_total', 'ccxray.skill.activations_total',
      'ccxray.sessions_total', 'ccxray.agent_type.invocations_total', 'ccxray.provider.distribution_total',
    ],
  },
  {
    family: 'quality',
    metrics: [
      'ccxray.errors_total', 'ccxray.stop_reason_total', 'ccxray.latency_ms', 'ccxray.request.duration',
      'ccxray.request.time_to_first_token', 'ccxray.max_tokens_hit_total', 'ccxray.tool.failures_total',
      'ccxray.quota.utilization_ratio',
    ],
  },
  {
    family: 'patterns',
    metrics: [
      'ccxray.context.utilization_pct', 'ccxray.auto_compact.triggered_total', 'ccxray.subagent.invocations_total',
      'ccxray.tools_per_turn',
    ],
  },
  {
    family: 'governance',
    metrics: ['ccxray.permission_mode.usage_total', 'ccxray.dangerous_tool.invocations_total', 'ccxray.file_writes_total'],
  },
  {
    family: 'sentinels',
    metrics: [
      'ccxray.metrics.overflow_total', 'ccxray.parser.unknown_tool_total', 'ccxray.parser.unknown_skill_marker_total',
      'ccxray.parser.unknown_mcp_format_total', 'ccxray.parser.fallback_used_total', 'ccxray.parser.error_total',
      'ccxray.parser.reconciliation_mismatch_total', 'ccxray.invariants.parser_mismatch_total',
      'ccxray.invariants.sse_truncated_total',
    ],
  },
  {
    family: 'health',
    metrics: [
      'ccxray.otel.state', 'ccxray.otel.exports_dropped_total', 'ccxray.otel.entries_dropped_total',
      'ccxray.otel.tier_distribution',
    ],
  },
];

module.exports = { FAMILIES };
