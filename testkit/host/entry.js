'use strict';

const identity = require('./identity.js');
const results = require('./results.js');

/** Entries of finished turns and their index lines, with the fields and the order of ccxray, and with its special cases. */

const INDEX_FIELDS = [
  'id', 'ts', 'sessionId', 'provider', 'agent', 'model', 'msgCount', 'toolCount', 'toolCalls', 'isSubagent',
  'sessionInferred', 'cwd', 'isSSE', 'usage', 'cost', 'maxContext', 'responseMetadata', 'stopReason', 'title',
  'toolFail', 'elapsed', 'status', 'receivedAt', 'agentKey', 'agentLabel', 'toolSources', 'responseId',
  'turnToolCalls', 'turnToolCallIds', 'turnToolResults', 'localDate', 'tz',
];

/** Names that the host gives to tools of Codex; the second ones only in its list of calls. */
const ALIASES = { exec_command: 'Bash', shell: 'Bash', read_mcp_resource: 'Read', apply_patch: 'Edit' };
const PROGRAMS = { exec: 'Bash', run_terminal_command: 'Bash', process: 'Bash' };
/** USD per million tokens: input, output, cache write, cache read. */
const RATES = {
  'claude-opus-4-8': [5, 25, 6.25, 0.5],
  'claude-opus-5': [5, 25, 6.25, 0.5],
  'claude-fable-5': [10, 50, 12.5, 1],
  'claude-sonnet-5': [2, 10, 2.5, 0.2],
  'claude-sonnet-4-6': [3, 15, 3.75, 0.3],
  'claude-haiku-4-5': [1, 5, 1.25, 0.1],
  'gpt-5.5': [5, 30, 5, 0.5],
  'gpt-5.6-sol': [5, 30, 6.25, 0.5],
};
/** A date behind the name of a model does not change its price. */
const DATED = /-202\d{5}$/;

/** @returns {string} the line that the host appends to its index */
function indexLine(entry) {
  return JSON.stringify(Object.fromEntries(INDEX_FIELDS.map((field) => [field, entry[field]])));
}

/**
 * @param {object} turn
 * @param {object|null} turn.request `null` if the body is not JSON
 * @param {object[]|object|string} turn.response events of a stream, or the body
 * @param {number} turn.status
 * @param {number} turn.startedAt Unix milliseconds
 * @param {object} [turn.requestHeaders] of the client
 */
function anthropicEntry({ request, response, status, startedAt, requestHeaders }) {
  const isSSE = Array.isArray(response);
  const events = isSSE ? response : [];
  const start = events.find((event) => event.type === 'message_start')?.message;
  const delta = events.find((event) => event.type === 'message_delta');
  const usage = isSSE ? streamUsage(start, delta) : (response?.usage ?? null);
  const blocks = isSSE ? events.flatMap((event) => event.content_block ?? []) : (response?.content ?? []);
  const ids = Object.fromEntries(blocks.filter(({ type }) => type === 'tool_use').map(({ id, name }) => [id, name]));
  const model = request?.model ?? null;
  return {
    ...common({ request, response, status, startedAt }),
    ...identity.ofMessages(request, requestHeaders),
    provider: 'anthropic',
    agent: 'claude',
    model,
    maxContext: identity.windowOf(model, requestHeaders),
    msgCount: request?.messages?.length ?? 0,
    isSSE,
    usage,
    cost: cost(model, usage),
    stopReason: (isSSE ? delta?.delta.stop_reason : response?.stop_reason) ?? '',
    turnToolResults: results.ofMessages(request),
    responseId: (isSSE ? start?.id : response?.id) ?? null,
    turnToolCalls: tally(Object.values(ids)),
    turnToolCallIds: ids,
  };
}

/** A turn on the Responses wire over HTTP; `response` holds frames, or is a body that is not a stream. */
function responsesEntry({ request, response, status, startedAt, requestHeaders }) {
  const frames = Array.isArray(response) ? response : [];
  const final = frames.findLast((frame) => frame.data.response)?.data.response ?? (response?.object ? response : undefined);
  return {
    ...common({ request, response, status, startedAt }),
    ...responsesFields({ request, requestHeaders }, frames.map((frame) => frame.data), final?.model, final?.usage),
    isSSE: Array.isArray(response),
    stopReason: final?.status ?? '',
    responseMetadata: { provider: 'openai', model: final?.model, status, responseStatus: final?.status, streaming: true },
  };
}

/**
 * A turn on the Responses wire over a WebSocket. Values that the turn does not report are copied from the turn before it
 * on the same connection, as in the host.
 *
 * @param {object} turn as above, and
 * @param {object} turn.last `{model, usage, status}` of the connection
 */
function websocketEntry({ request, response, startedAt, last, status = 101, requestHeaders }) {
  const body = request ?? { transport: 'websocket', capture: 'transport-only' };
  const res = response.length > 0 ? response : { transport: 'websocket', capture: 'transport-only' };
  return {
    ...common({ request: body, response: res, status, startedAt }),
    ...responsesFields({ request: body, requestHeaders }, response, last.model, last.usage),
    // Nothing in the record of a connection says this.
    isSubagent: false,
    isSSE: false,
    stopReason: last.status ?? null,
    responseMetadata: { transport: 'websocket', capture: 'transport-only', endpoint: '/v1/responses', close: null, error: null },
  };
}

module.exports = { anthropicEntry, responsesEntry, websocketEntry, indexLine };

function common({ request, response, status, startedAt }) {
  const now = new Date();
  return {
    id: now.toISOString().slice(0, -1).replace(/[:.]/g, '-'),
    ts: now.toISOString().slice(11, 19),
    req: request,
    res: response,
    elapsed: ((Date.now() - startedAt) / 1000).toFixed(1),
    status,
    receivedAt: startedAt,
    toolCount: request?.tools?.length ?? 0,
    toolCalls: {},
    sessionInferred: false,
    title: request?.metadata?.title ?? null,
    toolFail: false,
    toolSources: {},
    localDate: now.toISOString().slice(0, 10),
    tz: 'UTC',
  };
}

function responsesFields({ request, requestHeaders }, events, model = request?.model ?? null, reported = null) {
  const usage = normalised(reported);
  const done = events.filter((event) => event.type === 'response.output_item.done').map((event) => event.item);
  const calls = done.filter(({ type }) => type === 'function_call' || type === 'custom_tool_call');
  const functions = calls.filter(({ type }) => type === 'function_call').map(({ name }) => ALIASES[name] ?? name);
  return {
    ...identity.ofResponses(request, requestHeaders),
    provider: 'openai',
    agent: 'codex',
    model,
    maxContext: identity.windowOf(model),
    msgCount: request?.input?.length ?? 0,
    usage,
    cost: cost(model, usage),
    turnToolResults: results.ofResponses(request),
    toolCalls: tally(functions),
    turnToolCallIds: Object.fromEntries(calls.map(({ call_id: id, name }) => [id, ALIASES[name] ?? PROGRAMS[name] ?? name])),
  };
}

/** The output of a stream that lacks its last events is what its first event says. */
function streamUsage(start, delta) {
  const first = start?.usage ?? { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  return { ...first, output_tokens: delta?.usage?.output_tokens ?? first.output_tokens };
}

/** The host stores input without the cached part. */
function normalised(usage) {
  if (!usage) return null;
  const cached = usage.input_tokens_details?.cached_tokens ?? 0;
  return {
    ...usage,
    input_tokens: usage.input_tokens - cached,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
  };
}

function cost(model, usage) {
  if (!usage) return null;
  const rates = RATES[String(model).replace(DATED, '')];
  if (!rates) return { cost: null, rates: null, confidence: 'unknown' };
  const tokens = [
    usage.input_tokens, usage.output_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens,
  ];
  const usd = tokens.reduce((sum, count, i) => sum + (count * rates[i]) / 1e6, 0);
  return { cost: usd, confidence: 'exact' };
}

function tally(names) {
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
