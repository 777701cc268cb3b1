'use strict';

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
 * @param {'stop'|'cut'|'error'|'half'} message.ending `cut`: the stream breaks off; `half`: the last input breaks off, but the stream ends regularly
 * @param {object} [message.error] the body of the error event
 * @returns {object[]}
 */
function anthropicEvents(random, { id, model, usage, blocks, stopReason, ending, error }) {
  const events = [startEvent(id, model, usage), { type: 'ping' }];
  for (const [index, block] of blocks.entries()) {
    events.push(...blockEvents(random, block, index, ending === 'half' && index === blocks.length - 1));
  }
  if (random.chance(0.01)) events.splice(random.int(1, events.length), 0, { type: random.pick(['acme_event', 'message_pause']), note: 1 });
  if (random.chance(0.003)) events.push({ note: 'no type' });
  if (ending === 'cut') return events.slice(0, random.int(1, events.length));
  if (ending === 'error') return [...events.slice(0, random.int(1, events.length)), error];
  if (random.chance(0.005)) events.push({ type: 'content_block_start', index: blocks.length, contentBlock: { type: 'text' } });
  const delta = { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage: finalUsage(random, usage) };
  return [...events, delta, { type: 'message_stop' }];
}

function startEvent(id, model, usage) {
  const message = { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null };
  return { type: 'message_start', message: { ...message, usage: { ...usage, output_tokens: PLACEHOLDER, service_tier: 'standard' } } };
}

/** Newer streams repeat the counts of the input. */
function finalUsage(random, usage) {
  return random.chance(0.5) ? { output_tokens: usage.output_tokens } : { ...usage };
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

/** The output count at the beginning of a stream. A stream that breaks off has no other. */
const PLACEHOLDER = 3;

module.exports = { anthropicEvents, PLACEHOLDER };
