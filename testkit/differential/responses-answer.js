'use strict';

const { timed } = require('./clock');
const { responsesFailure, ERROR_EVENTS, RESPONSE_ERRORS } = require('./failures');
const { codexHeaders } = require('./headers');
const { outputItems } = require('./items');
const { costOf } = require('./money');
const { resultsOf } = require('./results');
const { asFrames, asSocketEvents, responsesEvents } = require('./responses-stream');
const { normalised, wireUsage } = require('./responses-usage');

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
 * @param {object[]} [call.compacted] the only items of a response that compacts the conversation
 * @param {string[]} call.answered ids of the calls whose results the request has
 * @param {{usage: object|null, stopReason: string|null}|undefined} call.socket the last values of the connection, which are updated
 * @returns {{fields: object, response: *, headers: object|undefined, succeeded: boolean, items?: object[]}}
 */
function responsesAnswer(random, { at, model, agent, context, mustFail, compacted, answered, socket }) {
  const results = resultsOf(random, answered);
  const fate = mustFail ? (socket && 'failed') || 'http' : random.weighted(socket ? SOCKET_FATES : HTTP_FATES);
  if (fate === 'http') return refused(random, at, results);
  const ending = ENDINGS[fate] ?? fate;
  const items = compacted ?? outputItems(random, agent, random.weighted([[0, 25], [1, 45], [2, 15], [5, 8]]));
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
  if (fate === 'body') return { ...unstreamed(random, at, response, results), items };
  const events = responsesEvents(random, response);
  if (fate === 'error') events.splice(-1, 1, random.pick(ERROR_EVENTS));
  const finished = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
  const usage = normalised(random, wire);
  const fields = { ...timed(random, at, events), usage, ...hostCalls(random, finished), turnToolResults: results };
  const status = STATUS[ending] ?? ending;
  const succeeded = ending === 'completed' || ending === 'done';
  if (socket) return { ...onSocket(random, fields, { fate, ending, status, socket }), response: asSocketEvents(random, events), succeeded, items };
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
    items,
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
function unstreamed(random, at, { id, model, items, usage: wire }, results) {
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
      turnToolResults: results,
      responseMetadata: { provider: 'openai', status: 200 },
    },
    response: { id, object: 'response', model, status: 'completed', output: items, usage: wire },
    headers: undefined,
    succeeded: true,
  };
}

function refused(random, at, results) {
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
      turnToolResults: results,
      responseMetadata: { provider: 'openai', status },
    },
    response,
    headers: undefined,
    succeeded: false,
  };
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

const HTTP_FATES = [['ok', 80], ['ok_done', 3], ['body', 5], ['http', 6], ['failed', 3], ['incomplete', 3], ['cut', 4], ['error', 2]];
const SOCKET_FATES = [['ok', 75], ['ok_done', 6], ['failed', 4], ['incomplete', 4], ['cut', 8], ['timeout', 2], ['error', 3]];
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
