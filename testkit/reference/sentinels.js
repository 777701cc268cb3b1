'use strict';

const catalog = require('./catalog');
const { beyondBounds } = require('./bounds');
const { agreesOnTools } = require('./checks');
const { unknownWords } = require('./client');
const { costOf } = require('./cost');
const { areQuotasInBounds } = require('./quota');
const { permissionTexts } = require('./request');
const { hasOwnFigures } = require('./response');
const { hasTokenCounts, oddFields } = require('./usage');
const { unknownKinds } = require('./wire');

/**
 * The anomalies of a turn or of a side request: what no catalog or rule explains, what was guessed, and contradictions.
 * @param {object} facts see facts.js
 * @param {string|undefined} reportedMode the permission mode in the request of a turn
 * @yields {{metric: string, attributes: object, drift?: {category: string, name: string}, times?: number, isFigure?: boolean}} what to count; `drift` for an
 *   unknown name; `isFigure`: sources report different amounts, which says nothing about how well the turn was read
 */
function* sentinelsOf(facts, reportedMode) {
  for (const parser of facts.broken) yield malformed(parser);
  for (const model of unknownModels(facts)) yield unknownValue('model', model);
  if (facts.error?.unknown !== undefined) yield unknownValue('error_type', facts.error.unknown);
  for (const word of unknownWords(facts.metadata)) yield unknownValue('request', word);
  for (const name of unknownKinds(facts.entry, facts.events, facts.res, facts.terminal)) {
    yield fallback('response', 'unknown_kind', { category: 'wire', name });
  }
  if (facts.fallback !== undefined) yield fallback('tools', facts.fallback);
  if (facts.kind === 'turn' && facts.isSocket && facts.res === undefined) yield fallback('websocket', 'no_response');
  for (const parser of beyondBounds(facts)) yield fallback(parser, 'out_of_bounds');
  if (!areQuotasInBounds(facts.headers, facts.events)) yield fallback('quota', 'unknown_value');
  yield* toolSentinels(facts);
  for (const field of oddFields(facts)) yield fallback('response', 'unknown_kind', { category: 'wire', name: `usage:${field}` });
  if (lacksUsage(facts)) yield fallback('usage', 'not_reported');
  if (!agreesOnTools(facts)) yield* mismatch('tool_count');
  if (facts.usage?.differs) yield* mismatch('token_sum', true);
  if (costOf(facts.entry, facts.usage).differs) yield* mismatch('cost', true);
  if (facts.kind === 'turn') yield* turnSentinels(facts, reportedMode);
}

function* toolSentinels({ calls = [], commands, provider, isRejected }) {
  for (const { name, times, mcp, inner = [], isUnread } of calls) {
    for (const called of inner) if (isOddMcp(called)) yield oddMcp(called);
    if (isUnread) yield unknownValue('tool_input', name);
    if (mcp) continue;
    if (name.startsWith('mcp__')) yield oddMcp(name);
    else if (catalog.toolRole(name) === undefined) {
      yield { metric: 'ccxray.parser.unknown_tool_total', attributes: { provider }, drift: { category: 'tool', name }, times };
    }
  }
  for (const name of isRejected ? [] : commands.broken) {
    yield { metric: 'ccxray.parser.unknown_skill_marker_total', attributes: { provider }, drift: { category: 'skill_marker', name } };
  }
}

/** Each unknown model once: the turn's own, and those of its other rounds. */
function unknownModels({ entry, usage }) {
  const names = new Set([entry.model, ...(usage?.others ?? []).map(({ model }) => model)]);
  return Array.from(names).filter((name) => catalog.modelFamily(name) === 'other');
}

function isOddMcp(name) {
  return name.startsWith('mcp__') && catalog.mcpOf('claude', name) === undefined;
}

function oddMcp(name) {
  return { metric: 'ccxray.parser.unknown_mcp_format_total', attributes: {}, drift: { category: 'mcp_format', name } };
}

/** Anomalies of turns only. Side requests have other names and other ends. */
function* turnSentinels({ entry, req, res, broken, agent, stopReason, terminal, error }, reportedMode) {
  if (!broken.includes('response') && hasUnreadBody(entry, res)) yield malformed('response');
  if (isMissing(entry.provider)) yield fallback('provider', 'not_reported');
  for (const name of [entry.provider, entry.agent]) {
    if (!isMissing(name) && catalog.providerOf(name) === undefined) yield unknownValue('provider', name);
  }
  if (error === undefined && isMissing(entry.model)) yield fallback('model', 'not_reported');
  if (terminal !== undefined && error === undefined && catalog.stopReason(stopReason) === undefined) yield fallback('stop_reason', 'not_reported');
  const hasMode = permissionTexts(req).some((text) => catalog.modeIn('policy', text) !== undefined);
  if (permissionTexts(req).length > 0 && !hasMode) yield fallback('permission_mode', 'not_reported');
  if (catalog.stopReason(stopReason) === 'other') yield unknownValue('stop_reason', stopReason);
  if (!agent.reported) yield fallback('agent_type', 'not_reported');
  if (!agent.known) yield unknownValue('agent_type', entry.agentKey);
  if (reportedMode !== undefined && catalog.permissionMode(reportedMode) === 'other') yield unknownValue('permission_mode', reportedMode);
}

/** A call that succeeded has a body that is not JSON, and no usage was read from it; or a stream without events. */
function hasUnreadBody({ status, usage }, res) {
  if (!(status >= 200 && status < 300)) return false;
  return Array.isArray(res) ? !res.some(isObject) : typeof res === 'string' && (!isObject(usage) || Array.isArray(usage));
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/** A call that ended regularly has used tokens. */
function lacksUsage({ entry, terminal, usage, stopReason, error, isTruncated }) {
  const endedWell = ['ended', 'max_tokens'].includes(catalog.stopRole(stopReason)) && error === undefined && !isTruncated;
  return hasOwnFigures(entry, terminal) && endedWell && !hasTokenCounts(usage);
}

function isMissing(name) {
  return typeof name !== 'string' || name === '';
}

function malformed(parser) {
  return { metric: 'ccxray.parser.error_total', attributes: { parser, error_type: 'malformed_json' } };
}

/** One anomaly with two metrics. */
function* mismatch(type, isFigure) {
  yield { metric: 'ccxray.parser.reconciliation_mismatch_total', attributes: { type }, isFigure };
  yield { metric: 'ccxray.invariants.parser_mismatch_total', attributes: { type }, isFigure };
}

function unknownValue(parser, name) {
  return fallback(parser, 'unknown_value', { category: parser, name });
}

function fallback(parser, reason, drift) {
  return { metric: 'ccxray.parser.fallback_used_total', attributes: { parser, reason }, drift };
}

module.exports = { sentinelsOf };
