'use strict';

/**
 * The usage of a response on the Responses wire. The input includes what was read from a cache and what was written to one.
 * @param {import('../traffic/random').Random} random
 * @param {number} context tokens
 * @returns {object}
 */
function wireUsage(random, context) {
  const cached = Math.min(context, random.pick([0, 128, 4096]));
  const output = random.int(1, 4000);
  const usage = {
    input_tokens: context,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: Math.floor(output / 3) },
    total_tokens: context + output,
  };
  return random.weighted([
    [usage, 88],
    [{ ...usage, input_tokens_details: { cached_tokens: cached, cache_write_tokens: Math.floor((context - cached) / 2) } }, 5],
    // Some models report the input without the cached part.
    [{ ...usage, input_tokens_details: { cached_tokens: context + 230 } }, 2],
    [{ prompt_tokens: context, completion_tokens: output, prompt_tokens_details: { cached_tokens: cached } }, 2],
    [{ input_tokens: context, output_tokens: output }, 1],
    [{ ...usage, input_tokens: null, output_tokens: '5' }, 0.5],
    [{ ...usage, dream_tokens: 3 }, 0.5],
  ]);
}

/**
 * The usage in the host's form: the cached part is subtracted, cache writes are not. Sometimes with a wrong total or with other fields.
 * @param {import('../traffic/random').Random} random
 * @param {object|null} wire
 * @returns {object|null}
 */
function normalised(random, wire) {
  if (wire === null) return null;
  const { prompt_tokens, completion_tokens, prompt_tokens_details: details, ...rest } = wire;
  const whole = rest.input_tokens ?? prompt_tokens ?? 0;
  const cached = (rest.input_tokens_details ?? details)?.cached_tokens ?? 0;
  const output = rest.output_tokens ?? completion_tokens ?? 0;
  const figures = { input_tokens: Math.max(0, whole - cached), output_tokens: output, cache_read_input_tokens: cached, cache_creation_input_tokens: 0 };
  const usage = { ...rest, ...figures, total_tokens: rest.total_tokens ?? whole + Number(output) };
  return random.weighted([
    [usage, 95],
    [{ ...usage, total_tokens: usage.total_tokens + 1 }, 1],
    [{ input_tokens: usage.input_tokens, output_tokens: usage.output_tokens }, 1],
    // An older host passes the usage of the wire on.
    [wire, 1],
    [{ prompt_tokens: 7, completion_tokens: 1 }, 0.5],
    [{ ...usage, input_tokens: usage.input_tokens + 1, total_tokens: undefined }, 0.5],
    [{ ...usage, cost_in_usd_ticks: 12, thought_tokens: 3 }, 0.5],
    [{ input_tokens: 0, output_tokens: 0, total_tokens: 0 }, 0.5],
    [null, 1],
  ]);
}

module.exports = { wireUsage, normalised };
