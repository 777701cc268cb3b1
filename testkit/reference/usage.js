'use strict';

const catalog = require('./catalog');

const TOKEN_COUNTS = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];

/** @yields {[string, number]} the tokens of each kind, with the metric that counts them */
function* tokensOf(usage) {
  if (typeof usage.input_tokens === 'number') yield ['ccxray.tokens.input_total', usage.input_tokens];
  if (typeof usage.output_tokens === 'number') yield ['ccxray.tokens.output_total', usage.output_tokens];
  if (typeof usage.cache_read_input_tokens === 'number') yield ['ccxray.tokens.cache_read_total', usage.cache_read_input_tokens];
}

/** @returns {[string, number][]} tokens written to the cache by lifetime; `unknown` if the split does not add up */
function cacheWrites(usage) {
  const { cache_creation_input_tokens: total, cache_creation: split } = usage;
  if (typeof total !== 'number') return [];
  if (!split || !splitAddsUp(usage)) return [['unknown', total]];
  return [['5m', split.ephemeral_5m_input_tokens ?? 0], ['1h', split.ephemeral_1h_input_tokens ?? 0]];
}

/** @returns {boolean} whether the cache writes by lifetime add up to all cache writes */
function splitAddsUp({ cache_creation_input_tokens: total, cache_creation: split }) {
  return !split || typeof total !== 'number' || (split.ephemeral_5m_input_tokens ?? 0) + (split.ephemeral_1h_input_tokens ?? 0) === total;
}

/** @returns {boolean} whether the total, if there is one, is the sum of all tokens */
function totalAddsUp({ total_tokens: total, input_tokens: input, output_tokens: output, ...rest }) {
  if ([total, input, output].some((figure) => typeof figure !== 'number')) return true;
  return total === input + output + (rest.cache_read_input_tokens ?? 0) + (rest.cache_creation_input_tokens ?? 0);
}

/** @returns {boolean} whether the entry has the counts of the response, as far as both have them */
function matchesAnthropicUsage(usage, inResponse) {
  return TOKEN_COUNTS.every((key) => isSame(usage[key], inResponse[key]));
}

/** @returns {object} the usage in an Anthropic response: its first event has input and cache, its first delta the output */
function usageInResponse(events, res) {
  if (events === undefined) return res?.usage ?? {};
  const start = events.find(({ type }) => type === 'message_start')?.message?.usage ?? {};
  const delta = events.find(({ type }) => type === 'message_delta')?.usage ?? {};
  return { ...start, output_tokens: delta.output_tokens };
}

/** @returns {number|undefined} US dollars */
function costOf({ cost }) {
  const amount = typeof cost === 'number' ? cost : cost?.cost;
  return typeof amount === 'number' ? amount : undefined;
}

/** @returns {boolean} whether the entry has the input and output of the response. On the Responses wire, input includes the cached part */
function matchesResponsesUsage(usage, { input_tokens: input, output_tokens: output }) {
  const whole = typeof usage.input_tokens === 'number' ? contextTokens(usage) : undefined;
  return isSame(whole, input) && isSame(usage.output_tokens, output);
}

/** A count that is not reported cannot differ. */
function isSame(a, b) {
  return typeof a !== 'number' || typeof b !== 'number' || a === b;
}

/** @returns {string[]} unknown fields with an amount, and known fields whose value is not a count */
function oddFields(usage) {
  return Object.entries(usage).filter(isOdd).map(([field]) => field);
}

function isOdd([field, value]) {
  if ([...TOKEN_COUNTS, 'total_tokens'].includes(field)) return value !== null && !isCount(value);
  return typeof value === 'number' && value > 0 && !catalog.isOnWire('responses', 'usage', field);
}

function isCount(value) {
  return Number.isInteger(value) && value >= 0 && value <= 1e9;
}

/** @returns {boolean} whether input and output are reported. A request is never empty */
function hasTokenCounts(usage) {
  return typeof usage?.input_tokens === 'number' && typeof usage.output_tokens === 'number' && contextTokens(usage) > 0;
}

/** Whether all reported counts are zero, so that no price is missing. False for a usage with unknown fields only. */
function isKnownToBeNothing(usage) {
  const counts = TOKEN_COUNTS.map((key) => usage[key]).filter((value) => typeof value === 'number');
  return counts.length > 0 && counts.every((value) => value === 0);
}

/** @returns {number} tokens of the request, cached or not */
function contextTokens(usage) {
  return (usage.input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
}

module.exports = {
  tokensOf, cacheWrites, splitAddsUp, totalAddsUp, matchesAnthropicUsage, matchesResponsesUsage, usageInResponse, costOf, isKnownToBeNothing,
  contextTokens, oddFields, hasTokenCounts,
};
