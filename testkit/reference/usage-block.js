'use strict';

/**
 * Counts are `{input, output, read, written, ttl}`: tokens that a cache had no part in, of the answer, read from a cache and written to
 * one. `ttl` splits the written ones by lifetime, as `{short, long}`. What is not reported is undefined.
 */

/** The largest count of one call. A larger one is a defect of its source. */
const LARGEST = 1e9;
const KINDS = ['input', 'output', 'read', 'written'];

/** @returns {number|undefined} a count of tokens; undefined for any other value */
function countIn(value) {
  return Number.isInteger(value) && value >= 0 && value <= LARGEST ? value : undefined;
}

/** @returns {object} the counts of a usage block of the Messages wire. ccxray writes its own block in the same form */
function messagesCounts({ input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, cache_creation }) {
  const ttl = ttlIn(cache_creation);
  return {
    input: countIn(input_tokens),
    output: countIn(output_tokens),
    read: countIn(cache_read_input_tokens),
    written: countIn(cache_creation_input_tokens) ?? (ttl && ttl.short + ttl.long),
    ttl,
  };
}

/** @returns {object} the counts of a usage block of the Responses wire, also under the names of chat completions */
function responsesCounts({ input_tokens, prompt_tokens, output_tokens, completion_tokens, ...rest }) {
  const details = rest.input_tokens_details ?? rest.prompt_tokens_details ?? {};
  const read = countIn(details.cached_tokens);
  const written = countIn(details.cache_write_tokens);
  return {
    input: without((read ?? 0) + (written ?? 0), countIn(input_tokens ?? prompt_tokens)),
    output: countIn(output_tokens ?? completion_tokens),
    read,
    written,
  };
}

/**
 * The counts of ccxray's block for the Responses wire. It has subtracted what was read from a cache, but not what was written to one.
 * Older versions subtracted nothing, and did not write the field.
 */
function hostCounts(block) {
  if (countIn(block.cache_read_input_tokens) === undefined) {
    return { ...responsesCounts(block), written: countIn(block.cache_creation_input_tokens) ?? responsesCounts(block).written };
  }
  const counts = messagesCounts(block);
  const written = countIn(block.input_tokens_details?.cache_write_tokens) ?? 0;
  if (written === 0 || counts.written > 0) return counts;
  return { ...counts, input: without(written, counts.input), written };
}

/** Some models report an input without its cached part. Then there is nothing to subtract from. */
function without(part, whole) {
  return whole === undefined || part > whole ? whole : whole - part;
}

function ttlIn(split) {
  const short = countIn(split?.ephemeral_5m_input_tokens);
  const long = countIn(split?.ephemeral_1h_input_tokens);
  return short === undefined && long === undefined ? undefined : { short: short ?? 0, long: long ?? 0 };
}

/** @returns {number} tokens of the request, cached or not */
function contextTokens({ input, read, written }) {
  return (input ?? 0) + (read ?? 0) + (written ?? 0);
}

/** @returns {boolean} whether the block has a count above zero */
function isAmount(counts) {
  return KINDS.some((kind) => counts[kind] > 0);
}

module.exports = { KINDS, countIn, messagesCounts, responsesCounts, hostCounts, contextTokens, isAmount };
