'use strict';

/**
 * How a response on the Anthropic wire reports its usage.
 * @param {import('../traffic/random').Random} random
 * @param {object} usage the counts of the whole call, in the form of the wire
 * @param {string|null} model of the call
 * @returns {{first: object, later: object[], last: object|undefined}} the usage of the first event, of each delta, and of the last event;
 *   `later` has at least one
 */
function usageEvents(random, usage, model) {
  const { output_tokens: output, ...input } = usage;
  const first = { ...input, output_tokens: PLACEHOLDER, service_tier: 'standard' };
  const { input_tokens: fresh, cache_creation_input_tokens: created, cache_read_input_tokens: read } = usage;
  return random.weighted([
    [{ first, later: [{ output_tokens: output }] }, 40],
    [{ first, later: [usage] }, 40],
    // A tool of the server adds its results to the input.
    [{ first: { ...first, input_tokens: Math.floor(fresh / 4) }, later: [usage] }, 3],
    [{ first, later: [{ output_tokens: Math.ceil(output / 3) }, { output_tokens: output }] }, 2],
    [{ first, later: [{ output_tokens: Math.ceil(output / 3) }, usage] }, 1],
    [{ first: { input_tokens: 0, output_tokens: 0 }, later: [usage] }, 2],
    [{ first, later: [{ ...usage, input_tokens: 0, cache_read_input_tokens: 0 }] }, 1],
    [{ first: { ...NOTHING, output_tokens: 1 }, later: [{ output_tokens: 1 }], last: usage }, 0.5],
    [{ first, later: [{ output_tokens: output, iterations: null, input_tokens: null, server_tool_use: null }] }, 1],
    [{ first, later: [{ output_tokens: String(output), input_tokens: 1.5, cache_read_input_tokens: -1 }] }, 0.5],
    [{ first: { input_tokens: fresh }, later: [{}] }, 0.5],
    [{ first: { ...first, cache_creation: null }, later: [{ output_tokens: output, cache_creation_input_tokens: created }] }, 0.5],
    [{ first, later: [{ ...usage, iterations: [round(usage, 'message')] }] }, 2],
    [{ first, later: [{ ...usage, iterations: advised(usage, random.pick(ADVISORS)) }] }, 2],
    // The counts beside the rounds are those of the last one.
    [{ first, later: [{ ...NOTHING, input_tokens: 2, output_tokens: output, iterations: [round(usage, 'compaction'), lastRound(output)] }] }, 1],
    [{ first, later: [{ ...usage, iterations: [round(usage, 'message', model), round({ input_tokens: 7, output_tokens: 3 }, 'fallback', 'claude-sonnet-5')] }] }, 1],
    [{ first, later: [{ ...usage, iterations: [{ type: 'message' }, null, 'x', { type: 'message', input_tokens: '5' }] }] }, 0.5],
    [{ first, later: [{ output_tokens: output, iterations: [] }] }, 0.5],
    [{ first: { ...first, input_tokens: read }, later: [{ ...NOTHING, output_tokens: output }] }, 0.5],
  ]);
}

/** The usage as the host takes it from a stream: the first event has input and cache, the first delta the output. */
function usageOfHost(events) {
  const start = events.find(({ type }) => type === 'message_start')?.message?.usage ?? {};
  const delta = events.find(({ type }) => type === 'message_delta')?.usage ?? {};
  return {
    input_tokens: start.input_tokens ?? 0,
    output_tokens: delta.output_tokens ?? start.output_tokens ?? 0,
    cache_creation_input_tokens: start.cache_creation_input_tokens ?? 0,
    cache_read_input_tokens: start.cache_read_input_tokens ?? 0,
    ...(start.cache_creation && { cache_creation: start.cache_creation }),
  };
}

/** A small model asks a large one. */
function advised(usage, advisor) {
  const half = Math.floor(usage.output_tokens / 2);
  return [
    round({ ...usage, output_tokens: half }, 'message'),
    round({ input_tokens: 8000, output_tokens: 1500, cache_read_input_tokens: 120, cache_creation_input_tokens: 60 }, 'advisor_message', advisor),
    round({ ...NOTHING, input_tokens: 3, output_tokens: usage.output_tokens - half }, 'message'),
  ];
}

function lastRound(output) {
  return { ...NOTHING, type: 'message', input_tokens: 2, output_tokens: output, cache_read_input_tokens: 900 };
}

function round({ cache_creation: split, ...counts }, type, model) {
  return { type, ...counts, ...(split && { cache_creation: split }), ...(model && { model }) };
}

const NOTHING = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
const ADVISORS = ['claude-opus-5', 'claude-opus-4.8', 'acme-advisor-9b'];
/** The output count at the beginning of a stream. A stream that breaks off has no other. */
const PLACEHOLDER = 3;

module.exports = { usageEvents, usageOfHost };
