'use strict';

const { responseWith, turn } = require('../entries/turn');

/** A finished turn that called a tool that many times. */
function toolTurn(name, times = 1) {
  return turn({ turnToolCalls: { [name]: times } });
}

/**
 * Turns with one anomaly each.
 * @type {[string, string|undefined, any[]][]} its category, its token, and the arguments of `record`
 */
const ODD_TURNS = [
  ['tool', 'acme_deploy', [toolTurn('acme_deploy')]],
  ['mcp_format', 'mcp__acme', [toolTurn('mcp__acme')]],
  ['model', 'acme-7b', [turn({ model: 'acme-7b' })]],
  ['stop_reason', 'acme_stop', [turn({ stopReason: 'acme_stop' })]],
  ['agent_type', 'acme-captain', [turn({ agentKey: 'acme-captain' })]],
  ['error_type', 'acme_error', [turn({ status: 500, stopReason: null }), { response: JSON.stringify({ type: 'error', error: { type: 'acme_error', message: 'it broke' } }) }]],
  ['wire', 'event:acme_event', [turn({ isSSE: true }), { response: events({ type: 'acme_event' }) }]],
  ['skill_marker', undefined, [turn(), { request: requestOf('<command-message>never closed') }]],
  ['mismatch', 'token_sum', [turn({ usage: { input_tokens: 1, output_tokens: 2, total_tokens: 9 } })]],
  ['mismatch', 'tool_count', [turn({ turnToolCalls: { Bash: 2 }, stopReason: 'tool_use' }), { response: responseWith('Bash') }]],
  ['unreadable', 'request', [turn(), { request: '{"messages":' }]],
  ['unreadable', 'response', [turn(), { response: '[{"type":' }]],
];

/**
 * The arguments of `record` for a turn whose response reports 300 input tokens. The host has kept the 100 of its first event.
 * @param {object} [fields] of the host's record
 */
function grownTurn(fields) {
  const usage = { input_tokens: 100, output_tokens: 2, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  const start = { type: 'message_start', message: { usage } };
  const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { ...usage, input_tokens: 300 } };
  return [turn({ isSSE: true, usage, ...fields }), { response: JSON.stringify([start, end, { type: 'message_stop' }]) }];
}

/** A stream of known events, with `more` events in the middle. */
function events(...more) {
  const usage = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  const start = { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], model: 'claude-sonnet-4-6', usage } };
  const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } };
  return JSON.stringify([start, ...more, end, { type: 'message_stop' }]);
}

/**
 * A request with one user message.
 * @param {string} message
 * @param {string} [head] the head of the system prompt, where the agent states its version
 */
function requestOf(message, head) {
  const system = head === undefined ? undefined : [{ type: 'text', text: head }];
  return JSON.stringify({ model: 'claude-sonnet-4-6', system, messages: [{ role: 'user', content: [{ type: 'text', text: message }] }] });
}

module.exports = { toolTurn, grownTurn, requestOf, events, ODD_TURNS };
