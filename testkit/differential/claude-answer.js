'use strict';

const { anthropicEvents } = require('./anthropic-stream');
const { usageEvents, usageOfHost } = require('./anthropic-usage');
const { contentBlocks } = require('./blocks');
const { timed } = require('./clock');
const { anthropicFailure, errorEvents } = require('./failures');
const { anthropicHeaders } = require('./headers');
const { costOf } = require('./money');

/**
 * One response on the Anthropic wire, and the fields that the host derives from it.
 * @param {import('../traffic/random').Random} random
 * @param {{at: number, model: string|null, context: number, mustFail: boolean, results: object[]}} call `results` are those of the turn before
 * @returns {{fields: object, response: *, headers: object|undefined, succeeded: boolean}} `fields` of the entry
 */
function claudeAnswer(random, { at, model, context, mustFail, results }) {
  const fate = mustFail ? random.pick(['http', 'error']) : random.weighted(FATES);
  if (fate === 'http') return refused(random, at, results);
  const calls = random.weighted([[0, 25], [1, 45], [2, 15], [4, 8], [9, 2]]);
  const blocks = fate === 'compacted' ? [{ type: 'compaction', content: null }, ...contentBlocks(random, calls)] : contentBlocks(random, calls);
  const usage = usageOf(random, context);
  const stopReason = STOPS[fate] ?? (calls > 0 ? 'tool_use' : random.weighted(ENDS));
  const message = { id: `msg_01${random.hex(20)}`, model, usage, blocks, stopReason };
  const isStream = random.chance(0.8) || STREAM_FATES.has(fate);
  const answer = isStream ? streamed(random, message, fate) : unstreamed(random, message);
  const events = isStream ? answer.response : [];
  const isDone = !['cut', 'error', 'early'].includes(fate);
  const noted = hostUsage(random, answer.usage);
  return {
    fields: {
      ...timed(random, at, events),
      status: 200,
      isSSE: isStream,
      usage: noted,
      cost: costOf(random, noted),
      stopReason: isDone ? stopReason : '',
      responseId: message.id,
      ...hostCalls(random, answer.started),
      turnToolResults: results,
    },
    response: answer.response,
    headers: random.chance(0.1) ? anthropicHeaders(random) : undefined,
    succeeded: !['error', 'late'].includes(fate),
    blocks,
  };
}

function streamed(random, message, fate) {
  const ending = STREAM_FATES.has(fate) ? fate : 'stop';
  const response = anthropicEvents(random, { ...message, ending, errors: errorEvents(random) });
  const starts = response.filter(({ type }) => type === 'content_block_start').length;
  return { response, started: message.blocks.slice(0, starts), usage: usageOfHost(response) };
}

/** The whole response in one body, whose usage the host keeps as it is. */
function unstreamed(random, message) {
  const usage = random.chance(0.1) ? usageEvents(random, message.usage, message.model).later.at(-1) : message.usage;
  return { response: body({ ...message, usage }), started: message.blocks, usage };
}

function body({ id, model, usage, blocks, stopReason }) {
  return { id, type: 'message', role: 'assistant', model, content: blocks, stop_reason: stopReason, stop_sequence: null, usage };
}

function refused(random, at, results) {
  const { status, response } = anthropicFailure(random);
  return {
    fields: {
      ...timed(random, at, []),
      status,
      isSSE: false,
      usage: null,
      cost: null,
      stopReason: '',
      responseId: null,
      turnToolCalls: {},
      turnToolCallIds: {},
      turnToolResults: results,
    },
    response,
    headers: random.chance(0.2) ? anthropicHeaders(random) : undefined,
    succeeded: false,
  };
}

function usageOf(random, context) {
  const created = Math.round(context * random.pick([0, 0.05, 0.3]));
  const fresh = random.int(0, 400);
  const usage = {
    input_tokens: fresh,
    cache_creation_input_tokens: created,
    cache_read_input_tokens: Math.max(0, context - created - fresh),
    output_tokens: random.int(1, 4000),
  };
  if (random.chance(0.6)) {
    const short = Math.round(created * random.pick([0, 0, 0.5, 1]));
    usage.cache_creation = { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: created - short };
  }
  return usage;
}

/** The usage in the entry: mostly the same counts; a gateway may round them, or use other fields. */
function hostUsage(random, usage) {
  const { cache_creation: split, ...figures } = usage;
  return random.weighted([
    [usage, 94],
    [null, 1],
    [{ input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }, 0.5],
    [{ prompt_tokens: 40, completion_tokens: 2 }, 0.5],
    [{ input_tokens: usage.input_tokens, output_tokens: usage.output_tokens }, 1],
    [{ ...figures, input_tokens: figures.input_tokens + 1 }, 0.5],
    [{ ...figures, output_tokens: figures.output_tokens + 1 }, 0.5],
    [{ ...figures, cache_creation: { ...split, ephemeral_5m_input_tokens: 7 } }, 0.5],
    [{ ...figures, total_tokens: 7 }, 0.5],
    [{ ...figures, thinking_output_tokens: 7, num_sources_used: 2, service_tier: 'standard' }, 0.5],
    [{ ...figures, output_tokens: '7' }, 0.5],
    [{ ...figures, cache_creation: null }, 0.5],
  ]);
}

/** The host counts plain calls. Older hosts do not count them, and some miss one. */
function hostCalls(random, blocks) {
  const turnToolCalls = {};
  const turnToolCallIds = {};
  for (const { type, id, name } of blocks) {
    if (type !== 'tool_use') continue;
    turnToolCalls[name] = (turnToolCalls[name] ?? 0) + 1;
    if (id !== undefined) turnToolCallIds[id] = name;
  }
  if (random.chance(0.01)) turnToolCalls.Read = (turnToolCalls.Read ?? 0) + 1;
  return random.weighted([[{ turnToolCalls, turnToolCallIds }, 95], [{ turnToolCalls: null, turnToolCallIds: null }, 2], [{}, 3]]);
}

const FATES = [
  ['ok', 80], ['http', 6], ['error', 2], ['late', 1], ['early', 1], ['cut', 4], ['half', 2], ['max_tokens', 2], ['compacted', 1], ['paused', 0.5],
  ['odd_stop', 1], ['no_stop', 1],
];
/** Fates that only a stream can have. */
const STREAM_FATES = new Set(['cut', 'error', 'late', 'early', 'half']);
const STOPS = { half: 'max_tokens', max_tokens: 'max_tokens', paused: 'compaction', odd_stop: 'daydream', no_stop: '' };
const ENDS = [['end_turn', 20], ['stop_sequence', 1], ['refusal', 1], ['pause_turn', 1], ['model_context_window_exceeded', 1]];

module.exports = { claudeAnswer };
