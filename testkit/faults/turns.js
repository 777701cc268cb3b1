'use strict';

const { syntheticDay } = require('../../demo/traffic/day');

/** The agents, which take turns. */
const AGENTS = ['claude', 'codex', 'grok'];
/** The agents whose requests are turns. Others make side requests, such as for a title. */
const MAIN = new Set(['orchestrator', 'default']);
/** The least length of an index line in characters. Real lines are long because they have the source of every tool call. */
const LINE_LENGTH = 1500;
/** A stream delivers a long response in many pieces. */
const PIECE = 'the handler checks whether each order has been paid before it is shipped '.repeat(16);

/**
 * Makes turns of all three agents with different numbers, and sums the numbers of those that the addon accepted. A backend
 * must have the same sums in the end.
 */
class Turns {
  /** The sums over all accepted turns. */
  recorded = { turns: 0, input: 0, output: 0, cacheRead: 0, cost: 0 };
  #made = 0;
  #templates = AGENTS.map((agent) => template(agent));
  #responses = new Map();

  /**
   * @param {number} [bytes] the least length of the response. Default: 2000
   * @returns {{line: string, parts: {response: string}, figures: object}} the next turn; `figures` are for `note`
   */
  next(bytes = 2000) {
    this.#made += 1;
    const { fields, events } = this.#templates[this.#made % AGENTS.length];
    const figures = { input: 1 + (this.#made % 97), output: 1 + (this.#made % 89), cacheRead: this.#made % 83, cost: (1 + (this.#made % 79)) / 1024 };
    const usage = { input_tokens: figures.input, output_tokens: figures.output, cache_read_input_tokens: figures.cacheRead, cache_creation_input_tokens: 0 };
    const now = Date.now();
    const line = { ...fields, id: `turn-${this.#made}`, responseId: `answer-${this.#made}`, receivedAt: now - 1000, usage };
    line.cost = { cost: figures.cost, confidence: 'exact' };
    return { line: JSON.stringify(line), parts: { response: this.#response(fields.agent, events, bytes) }, figures };
  }

  /** Adds the numbers of a turn that was accepted. */
  note(figures) {
    this.recorded.turns += 1;
    for (const [name, amount] of Object.entries(figures)) this.recorded[name] += amount;
  }

  /** Makes the text of each length only once, since making it is not to be measured. */
  #response(agent, events, bytes) {
    const key = `${agent} ${bytes}`;
    if (!this.#responses.has(key)) this.#responses.set(key, responseOf(events, bytes));
    return this.#responses.get(key);
  }
}

/** A finished turn of an agent, without its numbers. */
function template(agent) {
  for (const { line, parts } of syntheticDay({ turns: 200 })) {
    const fields = JSON.parse(line);
    if (fields.agent !== agent || !MAIN.has(fields.agentKey) || !fields.usage || !parts.response?.startsWith('[')) continue;
    return { fields: withSources(fields), events: withoutUsage(JSON.parse(parts.response)) };
  }
  throw new Error(`no turn of ${agent} in the day`);
}

function withSources(fields) {
  const toolSources = {};
  for (let i = 0; JSON.stringify({ ...fields, toolSources }).length < LINE_LENGTH; i += 1) toolSources[`toolu_01synthetic${i}`] = 'local';
  return { ...fields, toolSources };
}

/** The numbers are in the line only. */
function withoutUsage(events) {
  return JSON.parse(JSON.stringify(events, (key, value) => (key === 'usage' ? undefined : value)));
}

/** The JSON of the events, with pieces of text before the last one until it is long enough. */
function responseOf(events, bytes) {
  const [last, ...rest] = [events.at(-1), ...events.slice(0, -1)];
  const piece = JSON.stringify(pieceLike(last));
  const missing = Math.max(0, bytes - JSON.stringify(events).length);
  const pieces = Array.from({ length: Math.ceil(missing / (piece.length + 1)) }, () => piece);
  return Buffer.from(`[${[...rest.map((event) => JSON.stringify(event)), ...pieces, JSON.stringify(last)].join()}]`).toString('latin1');
}

function pieceLike({ type, data }) {
  if (!type.startsWith('response.')) return { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: PIECE } };
  const frame = { type: 'response.output_text.delta', output_index: 0, delta: PIECE };
  return data ? { event: frame.type, type: frame.type, data: frame } : frame;
}

/** The metrics that hold the sums at a backend. */
const METRICS = {
  turns: 'ccxray.provider.distribution_total',
  input: 'ccxray.tokens.input_total',
  output: 'ccxray.tokens.output_total',
  cacheRead: 'ccxray.tokens.cache_read_total',
  cost: 'ccxray.cost.usd_total',
};

module.exports = { Turns, METRICS };
