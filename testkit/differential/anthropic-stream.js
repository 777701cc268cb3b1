'use strict';

const { usageEvents } = require('./anthropic-usage');
const { jsonOf } = require('./commands');

/**
 * The events of an Anthropic stream as the host stores them, without times.
 * @param {import('../traffic/random').Random} random
 * @param {object} message
 * @param {string} message.id
 * @param {string|null} message.model
 * @param {object} message.usage final counts
 * @param {object[]} message.blocks complete
 * @param {string} message.stopReason
 * @param {'stop'|'early'|'cut'|'error'|'late'|'half'} message.ending `early`: the first event has the whole answer; `cut`: the stream breaks
 *   off; `late`: errors follow the last event; `half`: the last input breaks off, but the stream ends regularly
 * @param {object[]} [message.errors] the error events
 * @returns {object[]}
 */
function anthropicEvents(random, { id, model, usage, blocks, stopReason, ending, errors }) {
  const { first, later, last } = usageEvents(random, usage, model);
  if (ending === 'early') return [startEvent(id, model, first, { content: blocks, stop_reason: stopReason }), { type: 'message_stop' }];
  const events = [startEvent(id, model, first), { type: 'ping' }];
  if (random.chance(0.05)) events.push(VERTEX_EVENT);
  if (random.chance(0.005)) events.push({});
  for (const [index, block] of blocks.entries()) {
    events.push(...blockEvents(random, block, index, ending === 'half' && index === blocks.length - 1));
  }
  if (random.chance(0.01)) events.splice(random.int(1, events.length), 0, { type: random.pick(['acme_event', 'message_pause']), note: 1 });
  if (random.chance(0.003)) events.push({ note: 'no type' });
  if (ending === 'cut') return events.slice(0, random.int(1, events.length));
  if (ending === 'error') return [...events.slice(0, random.int(1, events.length)), ...errors];
  if (random.chance(0.005)) events.push({ type: 'content_block_start', index: blocks.length, contentBlock: { type: 'text' } });
  // Only the last delta has the reason.
  const deltas = later.map((one, at) => deltaEvent(at === later.length - 1 ? stopReason : null, one));
  const end = { type: 'message_stop', ...(last && { usage: last }) };
  return [...events, ...deltas, end, ...(ending === 'late' ? errors : [])];
}

function startEvent(id, model, usage, fields) {
  const message = { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null };
  return { type: 'message_start', message: { ...message, ...fields, usage } };
}

function deltaEvent(reason, usage) {
  return { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage };
}

function blockEvents(random, block, index, isHalf) {
  const { opening, deltas } = opened(random, block, isHalf);
  return [
    { type: 'content_block_start', index, content_block: opening },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function opened(random, block, isHalf) {
  const odd = random.chance(0.005) ? [{ type: random.pick(['acme_delta', 'hologram_delta']), x: 1 }] : [];
  if (block.type === 'thinking') {
    const deltas = [{ type: 'thinking_delta', thinking: block.thinking }, { type: 'signature_delta', signature: block.signature }];
    return { opening: { type: 'thinking', thinking: '', signature: '' }, deltas: [...deltas, ...odd] };
  }
  if (block.type === 'text') return { opening: { type: 'text', text: '' }, deltas: [{ type: 'text_delta', text: block.text }, ...odd] };
  if (!block.type.endsWith('tool_use')) return { opening: block, deltas: odd };
  const json = jsonOf(random, block.input);
  const arrived = isHalf ? json.slice(0, random.int(1, json.length - 1)) : json;
  const deltas = pieces(random, arrived).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  // A server may send the whole input at once.
  if (!isHalf && random.chance(0.02)) return { opening: block, deltas: [] };
  // A call without arguments may come without a piece.
  const isBare = json === '{}' && random.chance(0.5);
  return { opening: { ...block, input: {} }, deltas: [...(isBare ? [] : deltas), ...odd] };
}

/** Pieces of a JSON text, cut anywhere except within a character: also within names, numbers and escapes. */
function pieces(random, json) {
  const out = [''];
  const characters = Array.from(json);
  for (let i = 0; i < characters.length;) {
    const size = random.int(1, 40);
    out.push(characters.slice(i, i + size).join(''));
    i += size;
  }
  return out;
}

/** What a gateway adds to every stream. */
const VERTEX_EVENT = { type: 'vertex_event', usage: { input_tokens: 9, output_tokens: 1, tiers: { '0-to-200000': { input_tokens: 9 } } } };

module.exports = { anthropicEvents };
