'use strict';

/**
 * The events of a Responses stream, flat, without times.
 * @param {import('../traffic/random').Random} random
 * @param {object} response
 * @param {string} response.id
 * @param {string|null} response.model
 * @param {object[]} response.items finished items
 * @param {object|null} response.usage the counts on the wire
 * @param {'completed'|'done'|'failed'|'incomplete'|'cut'} response.ending `cut`: no terminal event
 * @param {object} [response.error] of a failed response
 * @param {string} [response.reason] why it is incomplete
 * @returns {object[]}
 */
function responsesEvents(random, { id, model, items, usage, ending, error, reason }) {
  const head = { id, object: 'response', model, created_at: 1_780_000_000, status: 'in_progress', output: [] };
  const events = [
    { type: 'response.created', response: head },
    { type: 'response.in_progress', response: head },
    ...items.flatMap((item, index) => itemEvents(random, item, index, ending === 'incomplete' && index === items.length - 1)),
  ];
  if (random.chance(0.1)) events.splice(random.int(0, events.length), 0, { ...random.pick(TRANSPORT_EVENTS) });
  if (random.chance(0.01)) events.splice(random.int(1, events.length), 0, { type: random.pick(ODD_EVENTS), note: 1 });
  if (random.chance(0.003)) events.splice(1, 0, { note: 'no type' });
  if (ending === 'cut') return numbered(events.slice(0, random.int(1, events.length)));
  const envelope = {
    ...head,
    status: ending === 'done' ? random.pick(['completed', 'cancelled']) : ending,
    output: ending === 'failed' ? [] : outputOf(random, items),
    usage,
    ...(error && { error }),
    ...(reason && { incomplete_details: { reason } }),
  };
  return numbered([...events, { type: `response.${ending}`, response: envelope }]);
}

/** @returns {object[]} the same events as HTTP frames, which is how the host stores a stream */
function asFrames(events) {
  return events.map(({ _ts, ...data }) => ({ event: data.type, type: data.type, data, ...(_ts !== undefined && { _ts }) }));
}

/** @returns {object[]} the same events as the host stores them for a socket: completed envelopes reduced to a mark, without progress */
function asSocketEvents(random, events) {
  const kept = events.filter(({ type }) => type !== 'response.in_progress' && type !== 'codex.rate_limits');
  return kept.map((event) => {
    const { type, _ts } = event;
    const isKept = !REDUCED.has(type) || (type === 'response.done' && random.chance(0.5));
    return isKept ? event : { type, _ts };
  });
}

/** The last event sometimes repeats fewer items than the stream had, more, or none. */
function outputOf(random, items) {
  if (random.chance(0.05)) return [];
  if (random.chance(0.01)) return items.slice(1);
  return random.chance(0.02) ? [...items, random.pick(LATE_CALLS)] : items;
}

/** At the output limit, the last item may be incomplete. */
function itemEvents(random, item, output_index, isLimit) {
  const status = isLimit && random.chance(0.5) ? 'incomplete' : 'completed';
  const done = { type: 'response.output_item.done', output_index, item: { ...item, status } };
  if (random.chance(0.02)) return unfinished(random, item, output_index);
  return [
    { type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress' } },
    ...deltas(item, output_index),
    // A connection that was resumed repeats the finished item.
    ...(random.chance(0.01) ? [done] : []),
    done,
  ];
}

/** Some servers announce an item and never finish it. Its input is in it, or in events of its own. */
function unfinished(random, item, output_index) {
  const { arguments: json, input, ...bare } = item;
  const events = typeof (json ?? input) === 'string' && random.chance(0.5) ? inputEvents(item, output_index) : undefined;
  const announced = events === undefined ? item : bare;
  return [{ type: 'response.output_item.added', output_index, item: { ...announced, status: 'in_progress' } }, ...(events ?? [])];
}

function inputEvents({ id, arguments: json, input }, output_index) {
  const field = json === undefined ? 'input' : 'arguments';
  const type = json === undefined ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
  return [{ type: `${type}.delta`, item_id: id, output_index, delta: json ?? input }, { type: `${type}.done`, item_id: id, output_index, [field]: json ?? input }];
}

function deltas({ type, arguments: json, input }, output_index) {
  if (type === 'message') {
    return [{ type: 'response.output_text.delta', output_index, delta: 'par' }, { type: 'response.output_text.done', output_index }];
  }
  if (type === 'function_call') return [{ type: 'response.function_call_arguments.delta', output_index, delta: json }];
  if (type === 'custom_tool_call') return [{ type: 'response.custom_tool_call_input.delta', output_index, delta: input }];
  return [];
}

function numbered(events) {
  return events.map((event, sequence_number) => Object.assign(event, { sequence_number }));
}

/** Calls that only the last event has. */
const LATE_CALLS = [
  { id: 'fc_late', type: 'function_call', call_id: 'call_late', name: 'exec_command', arguments: '{"cmd":"git push --force"}' },
  { id: 'fc_late', type: 'function_call', call_id: '', name: 'update_plan', arguments: '{}' },
  { id: 'ws_late', type: 'web_search_call', status: 'completed' },
];
/** What transports and gateways put into a stream. It says nothing about the turn, except for the limits. */
const TRANSPORT_EVENTS = [
  { type: 'keepalive' },
  { type: 'ping' },
  { type: 'codex.response.metadata', headers: { 'x-turn': 'opaque' } },
  { type: 'responsesapi.websocket_timing', timing_metrics: { engine_service_total_ms: 812 } },
  {
    type: 'codex.rate_limits',
    plan_type: 'plus',
    rate_limits: { primary: { used_percent: 42, window_minutes: 300 }, secondary: { used_percent: 7.5, window_minutes: 10_079 } },
  },
  { type: 'codex.rate_limits', rate_limits: { allowed: true, primary: null, secondary: { used_percent: 3, window_minutes: 43_200 } } },
];
const ODD_EVENTS = ['response.acme.delta', 'codex.hologram', 'acme_event'];
const REDUCED = new Set(['response.created', 'response.completed', 'response.done']);

module.exports = { responsesEvents, asFrames, asSocketEvents };
