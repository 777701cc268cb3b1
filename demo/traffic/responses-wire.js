'use strict';

const { spread } = require('./clock');
const { pieces } = require('./text');

/**
 * The events of a Responses stream, in order, without times.
 * @param {object} response
 * @param {string} response.id
 * @param {string} response.model
 * @param {object[]} response.items finished output items
 * @param {object|null} response.usage in the fields of the wire: `input_tokens` includes the cached part
 * @param {'completed'|'done'|'failed'|'incomplete'|'cut'} response.ending `cut`: no terminal event
 * @param {object} [response.error] `{code, message}` of a failed response
 * @param {string} [response.incompleteReason]
 * @returns {object[]}
 */
function responseEvents(response) {
  const { id, model, items, ending } = response;
  const head = { id, object: 'response', model, created_at: 1_780_000_000, status: 'in_progress', output: [] };
  const events = [
    { type: 'response.created', response: head },
    { type: 'response.in_progress', response: head },
    ...items.flatMap(itemEvents),
  ];
  if (ending !== 'cut') events.push({ type: `response.${ending}`, response: finalResponse(head, response) });
  return events.map((event, sequence_number) => Object.assign(event, { sequence_number }));
}

/**
 * The same events as HTTP frames, which is how ccxray stores an SSE response.
 * @returns {object[]} `{event, type, data, _ts}`
 */
function asFrames(events, fromMs, toMs) {
  const moments = spread(events.length, fromMs, toMs);
  return events.map((data, i) => ({ event: data.type, type: data.type, data, _ts: moments[i] }));
}

/**
 * The same events as ccxray stores them for a WebSocket turn: flat, completed envelopes reduced to a mark, no progress.
 * @returns {object[]} `{type, …, _ts}`
 */
function asSocketEvents(events, fromMs, toMs) {
  const kept = events.filter(({ type }) => type !== 'response.in_progress');
  const moments = spread(kept.length, fromMs, toMs);
  return kept.map((event, i) => Object.assign(REDUCED.has(event.type) ? { type: event.type } : event, { _ts: moments[i] }));
}

function itemEvents(item, output_index) {
  const deltas = item.type === 'message'
    ? pieces(item.content[0].text, 24).map((delta) => ({ type: 'response.output_text.delta', output_index, delta }))
    : [];
  return [
    { type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress' } },
    ...deltas,
    { type: 'response.output_item.done', output_index, item: { ...item, status: 'completed' } },
  ];
}

function finalResponse(head, { items, usage, ending, error, incompleteReason }) {
  return {
    ...head,
    status: ending === 'done' ? 'completed' : ending,
    output: ending === 'failed' ? [] : items,
    usage,
    ...(error && { error }),
    ...(incompleteReason && { incomplete_details: { reason: incompleteReason } }),
  };
}

/** Envelopes of about 35 KB each, of which ccxray stores only the type. */
const REDUCED = new Set(['response.created', 'response.completed', 'response.done']);

module.exports = { responseEvents, asFrames, asSocketEvents };
