'use strict';

const { timeFields } = require('./clock');
const { MODELS } = require('./lexicon');
const { costOf } = require('./price');
const { callFields, outputItems } = require('./responses-items');
const { asFrames, asSocketEvents, responseEvents } = require('./responses-wire');
const { title } = require('./text');

/**
 * One conversation on the Responses wire, over HTTP or over one WebSocket. On a socket, a turn without a usage gets the
 * last usage of the connection, as in the host.
 */
class ResponsesThread {
  #random;
  #session;
  #msgCount = 2;
  #context = 9000;
  #cached = 0;
  #results = [];
  #socket = { usage: null, stopReason: null, frames: 0, bytes: 0 };

  /**
   * @param {import('./random').Random} random
   * @param {object} session `{id, cwd, agent, agentLabel, model, socket: boolean}`
   */
  constructor(random, session) {
    this.#random = random;
    this.#session = session;
  }

  /**
   * One response of the model, or one failure.
   * @param {object} turn
   * @param {number} turn.at Unix milliseconds
   * @param {string[]} turn.calls kinds of calls, see responses-items.js
   * @param {string} turn.fate see `FATES` in codex.js
   * @param {number} turn.durationMs
   * @param {string} [turn.agentKey]
   * @param {boolean} [turn.isSubagent]
   * @returns {{entry: object, doneAt: number, succeeded: boolean}}
   */
  take({ at, calls, fate, durationMs, agentKey = 'default', isSubagent = false }) {
    const { id, cwd, agent, agentLabel, model, socket } = this.#session;
    const doneAt = at + durationMs;
    const results = this.#results;
    const answer = this.#answer({ at, doneAt, calls, fate });
    const entry = {
      ...timeFields(at, doneAt),
      method: socket ? 'GET' : 'POST',
      url: '/v1/responses',
      req: null,
      res: answer.res,
      tokens: null,
      duplicateToolCalls: null,
      provider: 'openai',
      agent,
      model,
      msgCount: socket ? Math.max(1, results.length) : this.#msgCount,
      toolCount: 14,
      ...answer.calls,
      isSubagent,
      sessionInferred: id.endsWith('-raw'),
      cwd,
      sessionId: id,
      isSSE: answer.isSSE,
      usage: answer.usage,
      cost: costOf(model, answer.usage),
      maxContext: MODELS[model].window,
      responseMetadata: answer.responseMetadata,
      stopReason: answer.stopReason,
      title: title(this.#random),
      thinkingDuration: null,
      toolFail: false,
      turnToolFail: results.length > 0 ? results.some(({ toolFail }) => toolFail === true) : undefined,
      turnToolResults: results,
      status: answer.status,
      sysHash: '62adab9b0f00',
      toolsHash: 'fabe18b360f2',
      coreHash: '02eb338baf59',
      agentKey,
      agentLabel,
      toolSources: {},
    };
    const succeeded = answer.ending === 'completed' || answer.ending === 'done';
    if (succeeded) this.#remember(answer);
    return { entry, doneAt, succeeded };
  }

  #answer({ at, doneAt, calls, fate }) {
    if (fate in HTTP_ERRORS) return this.#httpError(HTTP_ERRORS[fate]);
    const random = this.#random;
    const { model, socket } = this.#session;
    const ending = ENDINGS[fate] ?? fate;
    const items = ending === 'aborted' || ending === 'cut' ? [] : outputItems(random, calls);
    const wireUsage = ending === 'completed' || ending === 'done' || ending === 'incomplete' ? this.#wireUsage() : null;
    const id = `resp_${random.hex(20)}`;
    const events = responseEvents({
      id,
      model,
      items,
      usage: wireUsage,
      ending: ending === 'aborted' || ending === 'timeout' ? 'cut' : ending,
      error: ending === 'failed' ? { code: random.weighted(FAILURE_CODES), message: 'The server had an error' } : undefined,
      incompleteReason: ending === 'incomplete' ? random.weighted(INCOMPLETE_REASONS) : undefined,
    });
    if (random.chance(0.02)) repeatACall(events);
    if (ending === 'aborted') events.length = 1;
    if (ending === 'cut') events.push({ type: 'response.output_text.delta', delta: 'par', sequence_number: events.length });
    const firstMs = at + Math.round((doneAt - at) * 0.15);
    const common = { ending, usage: normalised(wireUsage), items, calls: callFields(items) };
    if (socket) return this.#socketAnswer(common, asSocketEvents(events, firstMs, doneAt - random.int(0, 3)));
    const status = STATUS_OF_ENDING[ending] ?? ending;
    return {
      ...common,
      status: 200,
      isSSE: true,
      res: asFrames(events, firstMs, doneAt - random.int(0, 3)),
      stopReason: status,
      responseMetadata: { provider: 'openai', id, object: 'response', model, status: 200, responseStatus: status, streaming: true },
    };
  }

  #socketAnswer(common, res) {
    const connection = this.#socket;
    const { ending } = common;
    connection.frames += res.length + 1;
    connection.bytes += JSON.stringify(res).length;
    const close = CLOSES[ending] ?? null;
    const usage = common.usage ?? connection.usage;
    const ownStatus = ending === 'failed' || ending === 'incomplete' ? ending : STATUS_OF_ENDING[ending];
    const stopReason = (ownStatus === 'in_progress' ? undefined : ownStatus) ?? connection.stopReason ?? close?.reason ?? null;
    if (common.usage !== null) connection.usage = common.usage;
    if (ownStatus !== 'in_progress') connection.stopReason = ownStatus;
    return {
      ...common,
      usage,
      status: ending === 'timeout' ? 504 : 101,
      isSSE: false,
      res,
      stopReason,
      responseMetadata: {
        ...this.#socketMetadata(),
        close,
        error: ending === 'timeout' ? { message: 'no frame for 60000 ms' } : null,
      },
    };
  }

  #socketMetadata() {
    const { frames, bytes } = this.#socket;
    return {
      transport: 'websocket',
      capture: 'transport-only',
      endpoint: '/v1/responses',
      frameCounts: { clientToUpstream: 2, upstreamToClient: frames },
      byteCounts: { clientToUpstream: 99_267, upstreamToClient: bytes },
    };
  }

  #httpError({ status, error }) {
    return {
      ending: 'http',
      status,
      isSSE: false,
      res: { error },
      usage: null,
      items: [],
      calls: { toolCalls: {}, turnToolCallIds: {} },
      stopReason: '',
      responseMetadata: { provider: 'openai', id: null, object: null, model: null, status, responseStatus: null },
    };
  }

  #wireUsage() {
    const output = Math.max(20, Math.round(this.#random.logNormal(300, 1600)));
    const input = this.#context;
    return {
      input_tokens: input,
      input_tokens_details: { cached_tokens: this.#cached },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: Math.round(output / 3) },
      total_tokens: input + output,
    };
  }

  #remember({ items }) {
    this.#cached = this.#context - (this.#context % 128);
    this.#context += Math.round(this.#random.logNormal(2500, 9000));
    this.#msgCount += items.length + 1;
    this.#results = items
      .filter(({ type }) => type === 'function_call' || type === 'custom_tool_call')
      .map(({ call_id: callId }) => this.#resultOf(callId));
  }

  /** An asynchronous start has no result yet: it is not eligible, and it reports no failure. */
  #resultOf(callId) {
    if (this.#random.chance(0.05)) return { callId, toolFail: undefined, eligible: false };
    return { callId, eligible: true, toolFail: this.#random.chance(0.07) };
  }
}

/** A connection that was resumed repeats the last finished call. */
function repeatACall(events) {
  const at = events.findLastIndex(({ type, item }) => type === 'response.output_item.done' && item.type.endsWith('_call'));
  if (at >= 0) events.splice(at, 0, { ...events[at] });
}

/** The usage in the form of an entry, where the input does not include the cached part. */
function normalised(wire) {
  if (wire === null) return null;
  const cached = wire.input_tokens_details.cached_tokens;
  return {
    input_tokens: wire.input_tokens - cached,
    output_tokens: wire.output_tokens,
    total_tokens: wire.total_tokens,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
    input_tokens_details: wire.input_tokens_details,
    output_tokens_details: wire.output_tokens_details,
    ...(cached > 0 && { _ccxrayUsageNormalized: true }),
  };
}

const HTTP_ERRORS = {
  http_429: { status: 429, error: { message: 'Rate limit reached', type: 'rate_limit_error', code: 'rate_limit_exceeded' } },
  http_500: { status: 500, error: { message: 'The server had an error', type: 'server_error', code: null } },
  http_400: { status: 400, error: { message: 'Unknown parameter', type: 'invalid_request_error', code: 'unknown_parameter' } },
};

const ENDINGS = { ok: 'completed', ok_done: 'done' };

/** The status in the last envelope. For a stream that was cut off it is `in_progress`. */
const STATUS_OF_ENDING = { completed: 'completed', done: 'completed', cut: 'in_progress', aborted: 'in_progress', timeout: 'in_progress' };

/** Free text of the peer, which must not be sent. */
const CLOSES = {
  aborted: { side: 'client', code: 1000, reason: 'user abort' },
  cut: { side: 'client', code: 1000, reason: 'done' },
  failed: { side: 'client', code: 1000, reason: 'done' },
};

const FAILURE_CODES = [['server_error', 7], ['rate_limit_exceeded', 3], ['acme_policy_block', 1]];
const INCOMPLETE_REASONS = [['max_output_tokens', 3], ['content_filter', 1]];

module.exports = { ResponsesThread };
