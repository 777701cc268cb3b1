'use strict';

/*
 * Entries that hold only the fields a test is about, and what the reference implementation derives from them.
 */

const { GroundTruth } = require('../reference');
const { attributesKey } = require('../otlp/totals');

const SESSION = '5d0c9a1e-7b32-4f7e-9c55-2f6b1d0a7e41';

/** The index line of a plain turn, with the given fields. */
function claudeLine(fields) {
  return JSON.stringify({ provider: 'anthropic', agent: 'claude', model: 'claude-opus-5', msgCount: 1, status: 200, ...fields });
}

/** A whole entry of Claude Code's main agent, with the given fields. */
function entry(fields) {
  return { line: claudeLine({ agentKey: 'orchestrator', ...fields }) };
}

/** The fields of a turn of Codex. */
function codex(fields) {
  return { provider: 'openai', agent: 'codex', agentKey: 'default', model: 'gpt-5.5', ...fields };
}

/** A turn of a conversation: `earlier` are the texts of the earlier messages, `newest` those of the last one. */
function conversationTurn({ used: tokens, earlier, newest, ...fields }) {
  const texts = [...(earlier ?? []), ...(newest ? [newest] : [])];
  const messages = texts.map((one) => ({ role: 'user', content: [one].flat().map((text) => ({ type: 'text', text })) }));
  const usage = tokens && { usage: used(tokens) };
  const req = messages.length > 0 && { req: { messages } };
  return entry({ sessionId: SESSION, maxContext: 200_000, ...usage, ...req, ...fields });
}

function used(tokens) {
  return { input_tokens: 1000, cache_read_input_tokens: tokens - 1000, cache_creation_input_tokens: 0, output_tokens: 1 };
}

/** A response that calls these tools. Calls of the same tool have the same id. */
function called(...names) {
  return { content: names.map((name) => ({ type: 'tool_use', id: name, name, input: {} })) };
}

function bash(command) {
  return { type: 'tool_use', id: 'b', name: 'Bash', input: { command } };
}

function func(name, args) {
  return { type: 'function_call', call_id: 'a', name, arguments: JSON.stringify(args) };
}

function custom(name, text) {
  return { type: 'custom_tool_call', call_id: 'a', name, input: text };
}

/** The fields of a turn of Codex whose response has these items. */
function output(...items) {
  return codex({ res: { output: items } });
}

function exec(cmd, call_id = 'a') {
  return { ...func('exec_command', { cmd }), call_id };
}

/** A stream of items whose last event lists other items. */
function completed(items, repeated) {
  const events = items.map((item) => ({ type: 'response.output_item.done', item }));
  return [...events, { type: 'response.completed', response: { output: repeated } }].map((data) => ({ event: data.type, type: data.type, data }));
}

function answered(first, last) {
  const start = { type: 'message_start', message: { usage: first } };
  return [start, { type: 'message_delta', delta: {}, usage: last }, { type: 'message_stop' }];
}

function delta(type) {
  return { type: 'content_block_delta', index: 0, delta: { type } };
}

/** A stream that calls a tool and sends its input in pieces. */
function streamed(name, pieces) {
  return [
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'a', name, input: {} } },
    ...pieces.map((partial_json) => ({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_stop' },
  ];
}

/** The fields of a turn with that user message. */
function saying(text) {
  return { req: { messages: [{ role: 'user', content: text }] } };
}

/** The fields of a turn without an agent key, with that system prompt. */
function prompted(text) {
  return { agentKey: null, req: { system: ['billing', 'brand', text].map((one) => ({ type: 'text', text: one })) } };
}

/** The fields of a turn of Codex with those permissions. */
function permitting(text) {
  const content = [{ type: 'input_text', text: `<permissions instructions>${text}` }];
  return { ...output(), req: { input: [{ role: 'developer', content }] } };
}

function truthOf(records) {
  const truth = new GroundTruth();
  for (const record of records) truth.add(record);
  return truth;
}

function amount({ totals }, metric, attributes) {
  return totals.counters.get(metric)?.get(attributesKey(attributes)) ?? 0;
}

function turns({ totals }) {
  return sum(totals.counters.get('ccxray.provider.distribution_total'));
}

function degraded({ totals }) {
  const series = Array.from(totals.counters.get('ccxray.provider.distribution_total') ?? []);
  return sum(new Map(series.filter(([labels]) => labels.includes('degraded'))));
}

function sum(series) {
  return Array.from(series?.values() ?? []).reduce((total, value) => total + value, 0);
}

module.exports = {
  amount, answered, bash, called, claudeLine, codex, completed, conversationTurn, custom, degraded, delta, entry, exec, func, output,
  permitting, prompted, saying, streamed, sum, truthOf, turns, used, SESSION,
};
