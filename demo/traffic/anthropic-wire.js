'use strict';

const { spread } = require('./clock');
const { pieces } = require('./text');

/**
 * The events of an Anthropic stream as ccxray stores them: flat data objects with `_ts`.
 * @param {object} message
 * @param {string} message.id
 * @param {string} message.model
 * @param {object} message.usage final counts in the fields of the wire
 * @param {object[]} message.blocks complete content blocks; tool input is sent in `input_json_delta` pieces
 * @param {string} message.stopReason
 * @param {'stop'|'cut'|'error'} message.ending a regular end, an end of the file without an end event, or an error event
 * @param {string} [message.errorType] the type in the error event
 * @param {number} fromMs the time of its first event
 * @param {number} toMs the time of its last event
 * @returns {object[]}
 */
function streamEvents(message, fromMs, toMs) {
  const events = [startEvent(message), { type: 'ping' }];
  message.blocks.forEach((block, index) => events.push(...blockEvents(block, index)));
  events.push(...endEvents(message));
  const moments = spread(events.length, fromMs, toMs);
  return events.map((event, i) => Object.assign(event, { _ts: moments[i] }));
}

/**
 * The body of a response without streaming.
 * @returns {object}
 */
function messageBody({ id, model, usage, blocks, stopReason }) {
  return { id, type: 'message', role: 'assistant', model, content: blocks, stop_reason: stopReason, stop_sequence: null, usage };
}

/**
 * An Anthropic error, as a body or as the data of an `error` event.
 * @returns {object}
 */
function errorBody(type) {
  return { type: 'error', error: { type, message: ERROR_MESSAGES[type] ?? 'Something went wrong' } };
}

/** The usage of `message_start`: all counts are final except the output, which is a placeholder. */
function startEvent({ id, model, usage }) {
  const start = { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null };
  return { type: 'message_start', message: { ...start, usage: { ...usage, output_tokens: PLACEHOLDER_OUTPUT_TOKENS, service_tier: 'standard' } } };
}

function blockEvents(block, index) {
  const { opening, deltas } = opened(block);
  return [
    { type: 'content_block_start', index, content_block: opening },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function opened(block) {
  switch (block.type) {
    case 'thinking': {
      const deltas = pieces(block.thinking, 40).map((thinking) => ({ type: 'thinking_delta', thinking }));
      return { opening: { type: 'thinking', thinking: '', signature: '' }, deltas: [...deltas, { type: 'signature_delta', signature: 'EqQBsynthetic' }] };
    }
    case 'text':
      return { opening: { type: 'text', text: '' }, deltas: pieces(block.text, 24).map((text) => ({ type: 'text_delta', text })) };
    case 'web_search_tool_result':
      return { opening: block, deltas: [] };
    default: {
      const deltas = pieces(JSON.stringify(block.input), 18).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
      return { opening: { ...block, input: {} }, deltas };
    }
  }
}

function endEvents({ usage, stopReason, ending, errorType }) {
  if (ending === 'cut') return [];
  if (ending === 'error') return [errorBody(errorType)];
  return [
    { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}

/** The output count of `message_start`, which is the only one of a stream that was cut off. */
const PLACEHOLDER_OUTPUT_TOKENS = 3;

const ERROR_MESSAGES = {
  overloaded_error: 'Overloaded',
  rate_limit_error: 'This request would exceed your rate limit',
  invalid_request_error: 'prompt is too long: 213456 tokens > 200000 maximum',
  api_error: 'Internal server error',
};

module.exports = { streamEvents, messageBody, errorBody, PLACEHOLDER_OUTPUT_TOKENS };
