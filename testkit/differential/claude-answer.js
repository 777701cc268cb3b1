'use strict';

const { anthropicEvents, PLACEHOLDER } = require('./anthropic-stream');
const { contentBlocks } = require('./blocks');
const { timed } = require('./clock');
const { anthropicFailure, ANTHROPIC_ERRORS } = require('./failures');
const { anthropicHeaders } = require('./headers');
const { costOf } = require('./money');

/**
 * One response on the Anthropic wire, and the fields that the host derives from it.
 * @param {import('../traffic/random').Random} random
 * @param {{at: number, model: string|null, context: number, mustFail: boolean}} call
 * @returns {{fields: object, response: *, headers: object|undefined, succeeded: boolean}} `fields` of the entry
 */
function claudeAnswer(random, { at, model, context, mustFail }) {
  const fate = mustFail ? random.pick(['http', 'error']) : random.weighted(FATES);
  if (fate === 'http') return refused(random, at);
  const calls = random.weighted([[0, 25], [1, 45], [2, 15], [4, 8], [9, 2]]);
  const blocks = contentBlocks(random, calls);
  const usage = usageOf(random, context);
  const stopReason = STOPS[fate] ?? (calls > 0 ? 'tool_use' : random.weighted(ENDS));
  const message = { id: `msg_01${random.hex(20)}`, model, usage, blocks, stopReason };
  const isStream = random.chance(0.8) || fate === 'cut' || fate === 'error' || fate === 'half';
  const answer = isStream ? streamed(random, message, fate) : { response: body(message), started: blocks, output: usage.output_tokens };
  const events = isStream ? answer.response : [];
  const isDone = fate !== 'cut' && fate !== 'error';
  const noted = hostUsage(random, { ...usage, output_tokens: answer.output });
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
      turnToolResults: results(random),
    },
    response: answer.response,
    headers: random.chance(0.1) ? anthropicHeaders(random) : undefined,
    succeeded: fate !== 'error',
  };
}

function streamed(random, message, fate) {
  const ending = { cut: 'cut', error: 'error', half: 'half' }[fate] ?? 'stop';
  const error = { type: 'error', error: random.pick(ANTHROPIC_ERRORS) };
  const response = anthropicEvents(random, { ...message, ending, error });
  const starts = response.filter(({ type }) => type === 'content_block_start').length;
  const isDone = ending === 'stop' || ending === 'half';
  return { response, started: message.blocks.slice(0, starts), output: isDone ? message.usage.output_tokens : PLACEHOLDER };
}

function body({ id, model, usage, blocks, stopReason }) {
  return { id, type: 'message', role: 'assistant', model, content: blocks, stop_reason: stopReason, stop_sequence: null, usage };
}

function refused(random, at) {
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
      turnToolResults: results(random),
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
  for (const { type, id, name } of new Map(blocks.map((block, i) => [block.id ?? i, block])).values()) {
    if (type !== 'tool_use') continue;
    turnToolCalls[name] = (turnToolCalls[name] ?? 0) + 1;
    if (id !== undefined) turnToolCallIds[id] = name;
  }
  if (random.chance(0.01)) turnToolCalls.Read = (turnToolCalls.Read ?? 0) + 1;
  return random.weighted([[{ turnToolCalls, turnToolCallIds }, 95], [{ turnToolCalls: null, turnToolCallIds: null }, 2], [{}, 3]]);
}

function results(random) {
  if (random.chance(0.05)) return random.pick([undefined, null]);
  return Array.from({ length: random.int(0, 3) }, () => ({
    callId: `toolu_01${random.hex(16)}`, eligible: true, toolFail: random.weighted([[false, 8], [true, 2], [undefined, 1]]),
  }));
}

const FATES = [['ok', 80], ['http', 6], ['error', 2], ['cut', 4], ['half', 2], ['max_tokens', 2], ['odd_stop', 1], ['no_stop', 1]];
const STOPS = { half: 'max_tokens', max_tokens: 'max_tokens', odd_stop: 'daydream', no_stop: '' };
const ENDS = [['end_turn', 20], ['stop_sequence', 1], ['refusal', 1], ['pause_turn', 1], ['model_context_window_exceeded', 1]];

module.exports = { claudeAnswer };
