'use strict';

/** Entries of finished turns and their index lines, with the fields and the order of ccxray, and with its special cases. */

const INDEX_FIELDS = [
  'id', 'ts', 'sessionId', 'provider', 'agent', 'model', 'msgCount', 'toolCount', 'toolCalls', 'isSubagent',
  'sessionInferred', 'cwd', 'isSSE', 'usage', 'cost', 'maxContext', 'responseMetadata', 'stopReason', 'title',
  'toolFail', 'elapsed', 'status', 'receivedAt', 'agentKey', 'agentLabel', 'toolSources', 'responseId',
  'turnToolCalls', 'turnToolCallIds', 'turnToolResults', 'localDate', 'tz',
];

/** USD per million tokens: input, output, cache write, cache read. */
const RATES = { 'claude-sonnet-4-6': [3, 15, 3.75, 0.3], 'gpt-5.5': [5, 30, 5, 0.5] };
const WINDOW = 200_000;

/** @returns {string} the line that the host appends to its index */
function indexLine(entry) {
  return JSON.stringify(Object.fromEntries(INDEX_FIELDS.map((field) => [field, entry[field]])));
}

/**
 * @param {object} turn
 * @param {object} turn.request
 * @param {object[]|object} turn.response events of a stream, or the body
 * @param {number} turn.status
 * @param {number} turn.startedAt Unix milliseconds
 */
function anthropicEntry({ request, response, status, startedAt }) {
  const isSSE = Array.isArray(response);
  const events = isSSE ? response : [];
  const start = events.find((event) => event.type === 'message_start')?.message;
  const delta = events.find((event) => event.type === 'message_delta');
  const usage = isSSE ? { ...start.usage, output_tokens: delta?.usage.output_tokens } : (response?.usage ?? null);
  const blocks = isSSE ? events.flatMap((event) => event.content_block ?? []) : (response.content ?? []);
  const ids = Object.fromEntries(blocks.filter(({ type }) => type === 'tool_use').map(({ id, name }) => [id, name]));
  return {
    ...common({ request, response, status, startedAt }),
    provider: 'anthropic',
    agent: 'claude',
    model: request.model,
    msgCount: request.messages.length,
    isSSE,
    usage,
    cost: cost(request.model, usage),
    stopReason: (isSSE ? delta?.delta.stop_reason : response.stop_reason) ?? '',
    agentKey: 'orchestrator',
    agentLabel: 'Orchestrator',
    responseId: (isSSE ? start.id : response.id) ?? null,
    turnToolCalls: tally(Object.values(ids)),
    turnToolCallIds: ids,
  };
}

/** A turn on the Responses wire over HTTP; `response` holds frames. */
function responsesEntry({ request, response, status, startedAt }) {
  const final = response.findLast((frame) => frame.data.response)?.data.response;
  return {
    ...common({ request, response, status, startedAt }),
    ...responsesFields(request, response.map((frame) => frame.data), final?.model, final?.usage),
    isSSE: true,
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
function websocketEntry({ request, response, startedAt, last }) {
  const body = request ?? { transport: 'websocket', capture: 'transport-only' };
  const res = response.length > 0 ? response : { transport: 'websocket', capture: 'transport-only' };
  return {
    ...common({ request: body, response: res, status: 101, startedAt }),
    ...responsesFields(body, response, last.model, last.usage),
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
    sessionId: request.metadata?.session_id ?? 'direct-api',
    toolCount: request.tools?.length ?? 0,
    toolCalls: {},
    isSubagent: false,
    sessionInferred: false,
    cwd: request.metadata?.cwd ?? null,
    maxContext: WINDOW,
    title: request.metadata?.title ?? null,
    toolFail: false,
    toolSources: {},
    turnToolResults: [],
    localDate: now.toISOString().slice(0, 10),
    tz: 'UTC',
  };
}

function responsesFields(request, events, model = request.model ?? null, reported = null) {
  const usage = normalised(reported);
  const done = events.filter((event) => event.type === 'response.output_item.done').map((event) => event.item);
  const calls = done.filter(({ type }) => type === 'function_call');
  const names = calls.map(({ name }) => (name === 'exec_command' ? 'Bash' : name));
  return {
    provider: 'openai',
    agent: 'codex',
    model,
    msgCount: request.input?.length ?? 0,
    usage,
    cost: cost(model, usage),
    agentKey: 'default',
    agentLabel: 'Codex Default',
    toolCalls: tally(names),
    turnToolCallIds: Object.fromEntries(calls.map(({ call_id: id }, i) => [id, names[i]])),
  };
}

/** The host stores input without the cached part. */
function normalised(usage) {
  if (!usage) return null;
  const cached = usage.input_tokens_details.cached_tokens;
  return {
    ...usage,
    input_tokens: usage.input_tokens - cached,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
  };
}

function cost(model, usage) {
  if (!usage) return null;
  const rates = RATES[model];
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
