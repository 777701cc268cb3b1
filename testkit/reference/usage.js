'use strict';

const label = require('./catalog');

const TOKEN_COUNTS = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];

/** @yields {[string, number]} what there was of each kind of token, by the metric that counts it */
function* tokensOf(usage) {
  if (typeof usage.input_tokens === 'number') yield ['ccxray.tokens.input_total', usage.input_tokens];
  if (typeof usage.output_tokens === 'number') yield ['ccxray.tokens.output_total', usage.output_tokens];
  if (typeof usage.cache_read_input_tokens === 'number') yield ['ccxray.tokens.cache_read_total', usage.cache_read_input_tokens];
}

/** @returns {[string, number][]} tokens written to the cache by lifetime; a split that does not add up is not believed */
function cacheWrites(usage) {
  const { cache_creation_input_tokens: total, cache_creation: split } = usage;
  if (typeof total !== 'number') return [];
  if (!split || !splitAddsUp(usage)) return [['unknown', total]];
  return [['5m', split.ephemeral_5m_input_tokens ?? 0], ['1h', split.ephemeral_1h_input_tokens ?? 0]];
}

/** @returns {boolean} whether the cache writes by lifetime are all the cache writes */
function splitAddsUp({ cache_creation_input_tokens: total, cache_creation: split }) {
  return !split || typeof total !== 'number' || (split.ephemeral_5m_input_tokens ?? 0) + (split.ephemeral_1h_input_tokens ?? 0) === total;
}

/** @returns {boolean} whether the total, where there is one, is all that was used */
function totalAddsUp({ total_tokens: total, input_tokens: input, output_tokens: output, ...rest }) {
  if ([total, input, output].some((figure) => typeof figure !== 'number')) return true;
  return total === input + output + (rest.cache_read_input_tokens ?? 0) + (rest.cache_creation_input_tokens ?? 0);
}

/** @returns {boolean} whether the entry's figures are those of the answer itself, as far as both have them */
function isAsAnswered(usage, answered) {
  return TOKEN_COUNTS.every((key) => isSame(usage[key], answered[key]));
}

/** @returns {object} what an Anthropic answer says itself: input and cache when it starts, output with its first delta */
function answeredUsage(events, res) {
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

/** @returns {boolean} whether the answer's input and output are those of the entry; on the Responses wire the input has the cached part in it */
function isAsToldByResponses(usage, { input_tokens: input, output_tokens: output }) {
  const whole = typeof usage.input_tokens === 'number' ? contextTokens(usage) : undefined;
  return isSame(whole, input) && isSame(usage.output_tokens, output);
}

/** Where one of them is not told, there is nothing to compare. */
function isSame(a, b) {
  return typeof a !== 'number' || typeof b !== 'number' || a === b;
}

/** @returns {string[]} fields with an amount that nobody reads, and fields that should hold a count and do not */
function oddFields(usage) {
  return Object.entries(usage).filter(isOdd).map(([field]) => field);
}

function isOdd([field, value]) {
  if ([...TOKEN_COUNTS, 'total_tokens'].includes(field)) return value !== null && !isCount(value);
  return typeof value === 'number' && value > 0 && !label.isOnWire('responses', 'usage', field);
}

function isCount(value) {
  return Number.isInteger(value) && value >= 0 && value <= 1e9;
}

/** @returns {boolean} whether it is told how much went in and came out; no request is empty */
function isTold(usage) {
  return typeof usage?.input_tokens === 'number' && typeof usage.output_tokens === 'number' && contextTokens(usage) > 0;
}

/** Nothing was used, so nothing lacks a price; a usage in words of its own says neither. */
function isKnownToBeNothing(usage) {
  const counts = TOKEN_COUNTS.map((key) => usage[key]).filter((value) => typeof value === 'number');
  return counts.length > 0 && counts.every((value) => value === 0);
}

/** @returns {number} tokens of the request, cached or not */
function contextTokens(usage) {
  return (usage.input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
}

module.exports = {
  tokensOf, cacheWrites, splitAddsUp, totalAddsUp, isAsAnswered, isAsToldByResponses, answeredUsage, costOf, isKnownToBeNothing, contextTokens,
  oddFields, isTold,
};
