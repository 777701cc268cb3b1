'use strict';

const { errorBody, messageBody, streamEvents, PLACEHOLDER_OUTPUT_TOKENS } = require('./anthropic-wire');
const { timeFields } = require('./clock');
const { MODELS } = require('./lexicon');
const { costOf } = require('./price');
const { prose, title } = require('./text');

/**
 * One conversation on the Anthropic wire: the main one of a session, or that of a sub-agent. It remembers its history,
 * because several fields of an entry count over the whole history.
 */
class ClaudeThread {
  #random;
  #session;
  #agent;
  #model;
  #msgCount = 1;
  #context;
  #fresh;
  #results = [];
  #toolCalls = {};
  #skillCalls = {};
  #anyFailure = false;
  #convId;
  #previousDoneAt = Infinity;

  /**
   * @param {import('./random').Random} random
   * @param {object} session `{id, cwd, streaming, ttl, isRaw}`
   * @param {object} agent `{key, label, isSubagent, model}`
   */
  constructor(random, session, agent) {
    this.#random = random;
    this.#session = session;
    this.#agent = agent;
    this.#model = agent.model;
    this.#context = 0;
    this.#fresh = random.int(11_000, 19_000);
    this.#convId = random.hex(8);
  }

  /** The share of the context window that the last request used, 0 to about 1. */
  get fill() {
    return this.#context / MODELS[this.#model].window;
  }

  /**
   * One response of the model, or one failure.
   * @param {object} turn
   * @param {number} turn.at Unix milliseconds
   * @param {object[]} turn.calls tool blocks of the response
   * @param {string} turn.fate see `FATES` in claude.js
   * @param {number} turn.durationMs
   * @returns {{entry: object, doneAt: number, succeeded: boolean}}
   */
  take({ at, calls, fate, durationMs }) {
    const random = this.#random;
    const doneAt = at + durationMs;
    const results = { turnToolResults: this.#results, turnToolFail: this.#failureOfResults() };
    const answer = this.#answer({ at, doneAt, calls, fate });
    const entry = {
      ...timeFields(at, doneAt),
      method: 'POST',
      url: '/v1/messages?beta=true',
      req: null,
      res: answer.res,
      tokens: null,
      provider: 'anthropic',
      agent: 'claude',
      model: this.#model,
      msgCount: this.#msgCount,
      toolCount: 31,
      toolCalls: { ...this.#toolCalls },
      skillCalls: { ...this.#skillCalls },
      isSubagent: this.#agent.isSubagent,
      sessionInferred: this.#session.isRaw,
      cwd: this.#session.cwd,
      sessionId: this.#session.id,
      isSSE: answer.isSSE,
      usage: answer.usage,
      cost: costOf(this.#model, answer.usage),
      maxContext: MODELS[this.#model].window,
      stopReason: answer.stopReason,
      title: title(random),
      thinkingDuration: answer.isSSE ? random.int(1, 4000) / 1000 : null,
      toolFail: this.#anyFailure,
      status: answer.status,
      sysHash: '7b5b75977d83',
      toolsHash: '8cc4cf3f8529',
      coreHash: 'f1f7c4aa69f3',
      agentKey: this.#agent.key,
      agentLabel: this.#agent.label,
      convId: this.#convId,
      hasCredential: random.chance(0.01) ? true : undefined,
      toolSources: {},
      responseId: answer.responseId,
      turnToolCalls: answer.turnToolCalls,
      turnToolCallIds: answer.turnToolCallIds,
      ...results,
      beta1m: this.#model.endsWith('[1m]') ? true : undefined,
      duplicateToolCalls: null,
      ctxBeta: this.#model.endsWith('[1m]') ? 'context-1m-2025-08-07' : undefined,
    };
    const succeeded = answer.status === 200 && fate !== 'error_event';
    if (succeeded) this.#remember(answer, doneAt);
    return { entry, doneAt, succeeded };
  }

  /** Replaces history and cache by a summary, so that the next request is short again. */
  compact() {
    this.#msgCount = 2;
    this.#fresh = this.#random.int(9_000, 14_000);
    this.#context = 0;
    this.#results = [];
    this.#toolCalls = {};
    this.#skillCalls = {};
    this.#anyFailure = false;
    this.#convId = this.#random.hex(8);
  }

  #answer({ at, doneAt, calls, fate }) {
    if (fate in HTTP_FATES) return this.#httpError(HTTP_FATES[fate]);
    const random = this.#random;
    const responseId = `msg_01${random.hex(20)}`;
    const outputTokens = Math.max(12, Math.round(random.logNormal(260, 1500)));
    const wireUsage = this.#wireUsage(at, outputTokens);
    const blocks = [...this.#thinking(), { type: 'text', text: prose(random, random.int(6, 40)) }, ...calls];
    const stopReason = SPECIAL_STOPS[fate] ?? (calls.length > 0 ? 'tool_use' : 'end_turn');
    const message = { id: responseId, model: this.#model, usage: wireUsage, blocks, stopReason, ending: ENDINGS[fate] ?? 'stop', errorType: 'overloaded_error' };
    if (!this.#session.streaming) {
      return { status: 200, isSSE: false, res: messageBody(message), usage: wireUsage, stopReason, responseId, ...callFields(blocks) };
    }
    const firstMs = at + Math.round(Math.min((doneAt - at) * 0.6, random.logNormal(1500, 4000)));
    const ended = message.ending === 'stop';
    const res = streamEvents(message, firstMs, doneAt - random.int(0, 3));
    if (fate === 'client_abort') addPings(res, random.int(20, 60));
    if (fate === 'cut') res.length = random.int(3, res.length);
    const started = res.filter(({ type }) => type === 'content_block_start').length;
    return {
      status: 200,
      isSSE: true,
      res,
      usage: { ...wireUsage, output_tokens: ended ? outputTokens : PLACEHOLDER_OUTPUT_TOKENS },
      stopReason: ended ? stopReason : '',
      responseId,
      ...callFields(blocks.slice(0, started)),
    };
  }

  #httpError({ status, type, html }) {
    const res = html ?? errorBody(type);
    return { status, isSSE: false, res, usage: null, stopReason: '', responseId: null, turnToolCalls: {}, turnToolCallIds: {} };
  }

  #thinking() {
    return this.#random.chance(0.5) ? [{ type: 'thinking', thinking: prose(this.#random, this.#random.int(10, 60)), signature: 'EqQBsynthetic' }] : [];
  }

  #wireUsage(at, outputTokens) {
    const { ttl } = this.#session;
    const cold = at - this.#previousDoneAt > (ttl === '1h' ? 3_600_000 : 300_000);
    const created = cold ? this.#context + this.#fresh : this.#fresh;
    const usage = {
      input_tokens: this.#random.int(3, 40),
      cache_creation_input_tokens: created,
      cache_read_input_tokens: cold ? 0 : this.#context,
      output_tokens: outputTokens,
    };
    if (ttl !== null) usage.cache_creation = ttlSplit(ttl, created);
    // A gateway that rounds, so that the split does not add up to the total.
    if (ttl !== null && this.#random.chance(0.004)) usage.cache_creation.ephemeral_5m_input_tokens += 7;
    return usage;
  }

  #failureOfResults() {
    if (this.#results.length === 0) return undefined;
    return this.#results.some(({ toolFail }) => toolFail === true);
  }

  #remember(answer, doneAt) {
    this.#context += this.#fresh;
    this.#fresh = Math.round(this.#random.logNormal(2600, 9000));
    this.#msgCount += 2;
    this.#previousDoneAt = doneAt;
    for (const [name, count] of Object.entries(answer.turnToolCalls)) {
      this.#toolCalls[name] = (this.#toolCalls[name] ?? 0) + count;
    }
    if (answer.turnToolCalls.Skill) this.#skillCalls.release = (this.#skillCalls.release ?? 0) + answer.turnToolCalls.Skill;
    this.#results = Object.keys(answer.turnToolCallIds).map((callId) => ({ callId, toolFail: this.#random.chance(0.06), eligible: true }));
    this.#anyFailure ||= this.#failureOfResults() === true;
  }
}

/** ccxray counts plain `tool_use` blocks only. Server tools appear only in the response. */
function callFields(blocks) {
  const turnToolCalls = {};
  const turnToolCallIds = {};
  for (const { type, id, name } of blocks) {
    if (type !== 'tool_use') continue;
    turnToolCalls[name] = (turnToolCalls[name] ?? 0) + 1;
    turnToolCallIds[id] = name;
  }
  return { turnToolCalls, turnToolCallIds };
}

function ttlSplit(ttl, created) {
  return { ephemeral_5m_input_tokens: ttl === '5m' ? created : 0, ephemeral_1h_input_tokens: ttl === '1h' ? created : 0 };
}

/** The client has disconnected, and the proxy goes on reading: the upstream sends pings until the response is complete. */
function addPings(events, count) {
  const { _ts } = events[2];
  events.splice(2, 0, ...Array.from({ length: count }, () => ({ type: 'ping', _ts })));
}

/** Fates that end in an HTTP status; `html` is a body that is not JSON. */
const HTTP_FATES = {
  http_429: { status: 429, type: 'rate_limit_error' },
  http_529: { status: 529, type: 'overloaded_error' },
  http_500: { status: 500, type: 'api_error' },
  http_400: { status: 400, type: 'invalid_request_error' },
  http_502: { status: 502, html: '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>' },
};

const ENDINGS = { cut: 'cut', error_event: 'error' };

const SPECIAL_STOPS = { max_tokens: 'max_tokens', refusal: 'refusal', pause_turn: 'pause_turn' };

module.exports = { ClaudeThread };
