'use strict';

const { timed } = require('./clock');
const { responsesFailure, ERROR_EVENTS, RESPONSE_ERRORS } = require('./failures');
const { codexHeaders } = require('./headers');
const { outputItems } = require('./items');
const { costOf } = require('./money');
const { asFrames, asSocketEvents, responsesEvents } = require('./responses-stream');

/**
 * One response on the Responses wire, over HTTP or over a socket, and the fields that the host derives from it. On a socket, a turn
 * without a usage gets the last usage of its connection.
 * @param {import('../traffic/random').Random} random
 * @param {object} call
 * @param {number} call.at
 * @param {string|null} call.model
 * @param {'codex'|'grok'} call.agent
 * @param {number} call.context tokens
 * @param {boolean} call.mustFail
 * @param {{usage: object|null, stopReason: string|null}|undefined} call.socket the last values of the connection, which are updated
 * @returns {{fields: object, response: *, headers: object|undefined, succeeded: boolean}}
 */
function responsesAnswer(random, { at, model, agent, context, mustFail, socket }) {
  const fate = mustFail ? (socket && 'failed') || 'http' : random.weighted(socket ? SOCKET_FATES : HTTP_FATES);
  if (fate === 'http') return refused(random, at);
  const ending = ENDINGS[fate] ?? fate;
  const items = outputItems(random, agent, random.weighted([[0, 25], [1, 45], [2, 15], [5, 8]]));
  const wire = ending === 'failed' || ending === 'cut' ? null : wireUsage(random, context);
  const response = {
    id: `resp_${random.hex(20)}`,
    model,
    items,
    usage: wire,
    ending,
    error: ending === 'failed' ? random.pick(RESPONSE_ERRORS) : undefined,
    reason: ending === 'incomplete' ? random.pick(['max_output_tokens', 'max_output_tokens', 'content_filter', 'daydream', undefined]) : undefined,
  };
  if (fate === 'body') return unstreamed(random, at, response);
  const events = responsesEvents(random, response);
  if (fate === 'error') events.splice(-1, 1, random.pick(ERROR_EVENTS));
  const finished = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
  const usage = normalised(random, wire);
  const fields = { ...timed(random, at, events), usage, ...hostCalls(random, finished), turnToolResults: results(random) };
  const status = STATUS[ending] ?? ending;
  const succeeded = ending === 'completed' || ending === 'done';
  if (socket) return { ...onSocket(random, fields, { fate, ending, status, socket }), response: asSocketEvents(random, events), succeeded };
  return {
    fields: {
      ...fields,
      cost: costOf(random, usage),
      status: 200,
      isSSE: true,
      stopReason: random.chance(0.02) ? 'daydream' : status,
      responseMetadata: { provider: 'openai', status: 200, responseStatus: status, streaming: true },
    },
    response: asFrames(events),
    headers: agent === 'codex' && random.chance(0.1) ? codexHeaders(random) : undefined,
    succeeded,
  };
}

function onSocket(random, fields, { fate, ending, status, socket }) {
  const isOver = ending !== 'cut';
  const usage = fields.usage ?? socket.usage;
  const stopReason = isOver ? status : (socket.stopReason ?? random.pick(['user abort', null]));
  if (fields.usage !== null) socket.usage = fields.usage;
  if (isOver) socket.stopReason = status;
  const metadata = {
    transport: 'websocket',
    capture: 'transport-only',
    endpoint: '/v1/responses',
    close: isOver ? null : { side: 'client', code: 1000, reason: 'user abort' },
    error: null,
  };
  return {
    fields: {
      ...fields,
      usage,
      cost: costOf(random, usage),
      status: fate === 'timeout' ? random.pick([504, 499, 502, 507]) : 101,
      isSSE: false,
      stopReason,
      responseMetadata: metadata,
    },
    headers: undefined,
  };
}

/** The whole response in one body, for a client that does not stream. */
function unstreamed(random, at, { id, model, items, usage: wire }) {
  const usage = normalised(random, wire);
  return {
    fields: {
      ...timed(random, at, []),
      usage,
      cost: costOf(random, usage),
      status: 200,
      isSSE: false,
      stopReason: 'completed',
      ...hostCalls(random, items),
      turnToolResults: results(random),
      responseMetadata: { provider: 'openai', status: 200 },
    },
    response: { id, object: 'response', model, status: 'completed', output: items, usage: wire },
    headers: undefined,
    succeeded: true,
  };
}

function refused(random, at) {
  const { status, response } = responsesFailure(random);
  return {
    fields: {
      ...timed(random, at, []),
      usage: null,
      cost: null,
      status,
      isSSE: false,
      stopReason: '',
      toolCalls: {},
      turnToolCallIds: {},
      turnToolResults: results(random),
      responseMetadata: { provider: 'openai', status },
    },
    response,
    headers: undefined,
    succeeded: false,
  };
}

/** On the wire, the input includes the cached part. */
function wireUsage(random, context) {
  const cached = Math.min(context, random.pick([0, 128, 4096]));
  const output = random.int(1, 4000);
  return {
    input_tokens: context,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: Math.floor(output / 3) },
    total_tokens: context + output,
  };
}

/** The usage in the host's form, sometimes with a wrong total or with other fields. */
function normalised(random, wire) {
  if (wire === null) return null;
  const cached = wire.input_tokens_details.cached_tokens;
  const usage = { ...wire, input_tokens: wire.input_tokens - cached, cache_read_input_tokens: cached, cache_creation_input_tokens: 0 };
  return random.weighted([
    [usage, 95],
    [{ ...usage, total_tokens: usage.total_tokens + 1 }, 1],
    [{ input_tokens: usage.input_tokens, output_tokens: usage.output_tokens }, 1],
    [{ prompt_tokens: 7, completion_tokens: 1 }, 0.5],
    [{ ...usage, input_tokens: usage.input_tokens + 1, total_tokens: undefined }, 0.5],
    [{ ...usage, cost_in_usd_ticks: 12, thought_tokens: 3 }, 0.5],
    [{ input_tokens: 0, output_tokens: 0, total_tokens: 0 }, 0.5],
    [null, 1],
  ]);
}

/** The host gives shells and patches the names of Claude Code's tools, omits namespaces, and ignores other kinds of calls. */
function hostCalls(random, items) {
  const toolCalls = {};
  const turnToolCallIds = {};
  for (const { type, name, call_id } of items) {
    const alias = ALIASES[name] ?? name;
    if (type === 'function_call' || type === 'custom_tool_call') turnToolCallIds[call_id] = random.chance(0.003) ? null : alias;
    if (type === 'function_call') toolCalls[alias] = (toolCalls[alias] ?? 0) + 1;
  }
  if (random.chance(0.01)) turnToolCallIds.call_odd = 'Bash';
  return random.weighted([
    [{ toolCalls, turnToolCallIds }, 94],
    [{ toolCalls }, 2],
    [{ toolCalls, turnToolCallIds: null }, 1],
    [{ toolCalls: {} }, 3],
  ]);
}

function results(random) {
  return Array.from({ length: random.int(0, 3) }, () => ({
    callId: `call_${random.hex(12)}`, eligible: random.chance(0.9), toolFail: random.weighted([[false, 8], [true, 2], [undefined, 1]]),
  }));
}

const HTTP_FATES = [['ok', 80], ['ok_done', 3], ['body', 5], ['http', 6], ['failed', 3], ['incomplete', 3], ['cut', 4], ['error', 1]];
const SOCKET_FATES = [['ok', 75], ['ok_done', 6], ['failed', 4], ['incomplete', 4], ['cut', 8], ['timeout', 2], ['error', 1]];
const ENDINGS = { ok: 'completed', ok_done: 'done', body: 'completed', timeout: 'cut', error: 'completed' };
const STATUS = { done: 'completed', cut: 'in_progress' };
const ALIASES = {
  exec_command: 'Bash',
  shell: 'Bash',
  exec: 'Bash',
  run_terminal_command: 'Bash',
  process: 'Bash',
  read_mcp_resource: 'Read',
  apply_patch: 'Edit',
};

module.exports = { responsesAnswer };
