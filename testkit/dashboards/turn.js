'use strict';

const { DAY, HOUR, NOW, isDuring } = require('./calendar');
const { AGENTS, DANGERS } = require('./agents');

/** Costs are multiples of this, so that their sums do not depend on the order. */
const CENTS = 1 / 4096;

/**
 * The measurements of one turn.
 * @param {import('./processes').Process} process
 * @param {number} time in seconds
 * @param {import('../../demo/traffic/random').Random} random
 * @returns {[string, object, number][]} name in OTLP, attributes, amount
 */
function turn(process, time, random) {
  const { provider, models, stops, ...agent } = AGENTS[process.agent];
  const [model, , price] = pickedModel(models, time, random);
  const type = random.weighted(agent.agentTypes);
  const isDegraded = random.chance(isDuring('agentChanged', time) ? 0.3 : 0.006);
  return [
    ...tokensAndCost({ provider, model }, price, time, random),
    ...timing({ model, provider }, time, random),
    ...actions(process, agent, provider, time, random),
    ...governance(process, agent, time, random),
    ...(isDegraded ? anomalies(provider, time, random) : []),
    ['ccxray.provider.distribution_total', isDegraded ? { provider, 'ccxray.parser.degraded': 'true' } : { provider }, 1],
    ['ccxray.agent_type.invocations_total', { type }, 1],
    ...when(type !== agent.agentTypes[0][0], ['ccxray.subagent.invocations_total', {}, 1]),
    ...when(random.chance(0.05), ['ccxray.sessions_total', { provider }, 1]),
    ...endings(agent, { provider, model }, stops, time, random),
    ...context(time, random),
  ];
}

/** While much is burnt, everything goes to the most expensive model. */
function pickedModel(models, time, random) {
  if (isDuring('burn', time)) return models.toSorted((a, b) => b[2].output - a[2].output)[0];
  return random.weighted(models.map((entry) => [entry, entry[1]]));
}

function tokensAndCost(attributes, price, time, random) {
  const factor = isDuring('burn', time) ? 6 : 1;
  const output = Math.round(random.logNormal(500, 2500) * factor);
  const all = Math.round(random.logNormal(30_000, 90_000) * factor);
  const readShare = isDuring('cacheLost', time) ? 0.05 : 0.84 + 0.1 * random.next();
  const read = Math.round(all * readShare);
  // The Responses API reports no cache writes.
  const written = attributes.provider === 'anthropic' ? Math.round((all - read) * 0.6) : 0;
  const input = all - read - written;
  const dollars = ((input + 1.25 * written + 0.1 * read) * price.input + output * price.output) / 1e6;
  const isUnpriced = isDuring('unpriced', time) && attributes.provider === 'xai';
  return [
    ['ccxray.tokens.input_total', attributes, input],
    ['ccxray.tokens.output_total', attributes, output],
    ['ccxray.tokens.cache_read_total', attributes, read],
    ...when(written > 0, ['ccxray.tokens.cache_creation_total', { ...attributes, ttl: random.chance(0.2) ? '1h' : '5m' }, written]),
    isUnpriced ? ['ccxray.cost.unpriced_total', attributes, 1] : ['ccxray.cost.usd_total', attributes, Math.ceil(dollars / CENTS) * CENTS],
  ];
}

function timing(attributes, time, random) {
  const factor = isDuring('slow', time) ? 12 : 1;
  const first = random.logNormal(1.6, 5) * factor;
  const duration = first + random.logNormal(7, 28) * factor;
  return [
    ['ccxray.latency_ms', attributes, duration * 1000],
    ['ccxray.request.duration', attributes, duration],
    ['ccxray.request.time_to_first_token', attributes, first],
  ];
}

function actions(process, agent, provider, time, random) {
  const calls = random.int(0, 5);
  const tools = Array.from({ length: calls }, () => ['ccxray.tool.invocations_total', { tool: random.weighted(agent.tools), provider }, 1]);
  const [server, tool] = random.pick(agent.mcp);
  const failures = isDuring('toolsFail', time) ? 0.6 : 0.04;
  return [
    ...tools,
    ['ccxray.tools_per_turn', {}, calls],
    ...when(random.chance(0.06), ['ccxray.mcp.invocations_total', { server, tool }, 1]),
    ...when(random.chance(0.02), ['ccxray.skill.activations_total', { skill: random.pick(agent.skills), provider }, 1]),
    ...tools.filter(() => random.chance(failures)).map(() => ['ccxray.tool.failures_total', { provider }, 1]),
    ...when(random.chance(0.3), ['ccxray.file_writes_total', {}, random.int(1, 3)]),
  ];
}

function governance({ project, agent: name }, { modes }, time, random) {
  const mode = name === 'codex' && project === 'data' && isDuring('fullAccess', time) ? 'full-access' : random.weighted(modes);
  const isShown = name === 'codex' || random.chance(0.08);
  return [
    ...when(isShown, ['ccxray.permission_mode.usage_total', { mode }, 1]),
    ...when(random.chance(0.004), ['ccxray.dangerous_tool.invocations_total', { pattern: random.pick(DANGERS) }, 1]),
  ];
}

function endings(agent, { provider, model }, stops, time, random) {
  const isOverloaded = isDuring('overloaded', time);
  const error = random.pick([agent.overload, agent.rateLimit, 'api_error']);
  const isCut = random.chance(0.004);
  return [
    ...when(random.chance(isOverloaded ? 0.35 : 0.008), ['ccxray.errors_total', { type: isOverloaded ? random.pick([agent.overload, agent.rateLimit]) : error, provider }, 1]),
    ['ccxray.stop_reason_total', { reason: isCut ? 'max_tokens' : random.weighted(stops) }, 1],
    ...when(isCut, ['ccxray.max_tokens_hit_total', { model }, 1]),
    ...when(random.chance(0.003), ['ccxray.invariants.sse_truncated_total', { provider }, 1]),
  ];
}

function context(time, random) {
  const fill = isDuring('contextFull', time) ? 80 + 18 * random.next() : Math.min(99, random.logNormal(34, 72));
  const trigger = random.weighted([['auto', 8], ['manual', 2], ['unknown', 1]]);
  return [
    ['ccxray.context.utilization_pct', {}, fill],
    ...when(random.chance(isDuring('contextFull', time) ? 0.2 : 0.008), ['ccxray.auto_compact.triggered_total', { trigger }, 1]),
  ];
}

function anomalies(provider, time, random) {
  return [random.pick([
    ['ccxray.parser.unknown_tool_total', { provider }, 1],
    ['ccxray.parser.unknown_skill_marker_total', { provider }, 1],
    ['ccxray.parser.unknown_mcp_format_total', {}, 1],
    ['ccxray.parser.fallback_used_total', { parser: 'model', reason: 'unknown_value' }, 1],
    ['ccxray.parser.fallback_used_total', { parser: 'usage', reason: 'not_reported' }, 1],
    ['ccxray.parser.error_total', { parser: 'response', error_type: 'json' }, 1],
    ['ccxray.parser.reconciliation_mismatch_total', { type: 'tool_count' }, 1],
    ['ccxray.invariants.parser_mismatch_total', { type: 'tool_count' }, 1],
  ])];
}

/**
 * How much of a quota is used. All processes of a provider share an account. One of the windows of five hours begins 90 minutes
 * before the end of the fortnight; that of seven days begins on a Wednesday at 13:00.
 * @param {'5h'|'7d'} window
 * @param {number} peak at the end of the window
 * @param {number} time in seconds
 */
function quotaUsed(window, peak, time) {
  const length = window === '5h' ? 5 * HOUR : 7 * DAY;
  const begin = window === '5h' ? (NOW - 1.5 * HOUR) % length : Date.UTC(2026, 9, 28, 13) / 1000;
  const share = ((time - begin) % length) / length;
  return Math.min(0.99, share * (isDuring('quotaAlmostFull', time) && window === '5h' ? 0.98 : peak));
}

function when(condition, measurement) {
  return condition ? [measurement] : [];
}

module.exports = { quotaUsed, turn };
