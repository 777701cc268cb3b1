'use strict';

const label = require('./catalog');
const { agreesOnTokens, agreesOnTools } = require('./checks');
const { permissionTexts } = require('./request');
const { hasOwnFigures } = require('./response');
const { isTold, oddFields } = require('./usage');
const { unknownKinds } = require('./wire');

/**
 * What of a turn or of a side request was not understood, was guessed, or contradicts itself.
 * @param {object} facts see facts.js
 * @param {string|undefined} modeSaid the permission mode that the request of a turn says
 * @yields {{metric: string, attributes: object, drift?: {category: string, word: string}}} a thing to count; `drift` where it is a word of
 *   the agent's that no catalog has
 */
function* sentinelsOf(facts, modeSaid) {
  for (const parser of facts.broken) {
    yield { metric: 'ccxray.parser.error_total', attributes: { parser, error_type: 'malformed_json' } };
  }
  if (facts.model === 'other') yield unknownValue('model', facts.entry.model);
  if (facts.error?.type === 'other') yield unknownValue('error_type', facts.error.said);
  for (const word of unknownKinds(facts.entry, facts.events, facts.res, facts.terminal)) {
    yield fallback('response', 'unknown_kind', { category: 'wire', word });
  }
  if (facts.fallback !== undefined) yield fallback('tools', facts.fallback);
  if (facts.isSocket && facts.res === undefined) yield fallback('websocket', 'no_response');
  yield* toolSentinels(facts);
  for (const field of oddFields(facts.usage ?? {})) yield fallback('response', 'unknown_kind', { category: 'wire', word: `usage:${field}` });
  if (lacksUsage(facts)) yield fallback('usage', 'not_reported');
  if (!agreesOnTools(facts)) yield* mismatch('tool_count');
  if (!agreesOnTokens(facts)) yield* mismatch('token_sum');
  if (facts.kind === 'turn') yield* turnSentinels(facts, modeSaid);
}

function* toolSentinels({ calls = [], commands, provider, isRefused }) {
  for (const { name, mcp, isUnread } of calls) {
    if (isUnread) yield unknownValue('tool_input', name);
    if (mcp) continue;
    if (name.startsWith('mcp__')) {
      yield { metric: 'ccxray.parser.unknown_mcp_format_total', attributes: {}, drift: { category: 'mcp_format', word: name } };
    } else if (label.toolRole(name) === undefined) {
      yield { metric: 'ccxray.parser.unknown_tool_total', attributes: { provider }, drift: { category: 'tool', word: name } };
    }
  }
  for (const word of isRefused ? [] : commands.broken) {
    yield { metric: 'ccxray.parser.unknown_skill_marker_total', attributes: { provider }, drift: { category: 'skill_marker', word } };
  }
}

/** Side requests have names and ends of their own. */
function* turnSentinels({ entry, req, agent, stopSaid, terminal, error }, modeSaid) {
  if (isMissing(entry.provider)) yield fallback('provider', 'not_reported');
  for (const word of [entry.provider, entry.agent]) {
    if (!isMissing(word) && label.providerOf(word) === undefined) yield unknownValue('provider', word);
  }
  if (error === undefined && isMissing(entry.model)) yield fallback('model', 'not_reported');
  if (terminal !== undefined && error === undefined && label.stopReason(stopSaid) === undefined) yield fallback('stop_reason', 'not_reported');
  const saysMode = permissionTexts(req).some((text) => label.modeIn('policy', text) !== undefined);
  if (permissionTexts(req).length > 0 && !saysMode) yield fallback('permission_mode', 'not_reported');
  if (label.stopReason(stopSaid) === 'other') yield unknownValue('stop_reason', stopSaid);
  if (!agent.reported) yield fallback('agent_type', 'not_reported');
  if (!agent.known) yield unknownValue('agent_type', entry.agentKey);
  if (modeSaid !== undefined && label.permissionMode(modeSaid) === 'other') yield unknownValue('permission_mode', modeSaid);
}

/** A call that came to a good end has used tokens. */
function lacksUsage({ entry, terminal, usage, stopSaid, error, isTruncated }) {
  const isGood = ['ended', 'max_tokens'].includes(label.stopRole(stopSaid)) && error === undefined && !isTruncated;
  return hasOwnFigures(entry, terminal) && isGood && !isTold(usage);
}

function isMissing(word) {
  return typeof word !== 'string' || word === '';
}

/** One event under two names. */
function* mismatch(type) {
  yield { metric: 'ccxray.parser.reconciliation_mismatch_total', attributes: { type } };
  yield { metric: 'ccxray.invariants.parser_mismatch_total', attributes: { type } };
}

function unknownValue(parser, word) {
  return fallback(parser, 'unknown_value', { category: parser, word });
}

function fallback(parser, reason, drift) {
  return { metric: 'ccxray.parser.fallback_used_total', attributes: { parser, reason }, drift };
}

module.exports = { sentinelsOf };
