'use strict';

/**
 * Makes one value of an entry larger than anything real, or of another type.
 * @param {import('../traffic/random').Random} random
 * @param {object} entry
 * @returns {object} the entry with that value
 */
function extreme(random, entry) {
  return { ...entry, ...random.pick(EXTREMES)(entry) };
}

const EXTREMES = [
  () => ({ elapsed: '1e18', receivedAt: undefined }),
  () => ({ receivedAt: 5000 }),
  () => ({ elapsed: '-1', receivedAt: undefined }),
  () => ({ maxContext: 1 }),
  () => ({ maxContext: 1, usage: { input_tokens: 5000, output_tokens: 1 } }),
  () => ({ maxContext: -5 }),
  () => ({ maxContext: 1e12 }),
  () => ({ cost: 1e308 }),
  ({ cost }) => ({ cost: { ...cost, cost: -5 } }),
  ({ usage }) => ({ usage: { ...usage, input_tokens: 1e308 } }),
  ({ usage }) => ({ usage: { ...usage, output_tokens: 1_000_000_001, cache_read_input_tokens: -1 } }),
  () => ({ turnToolCalls: { Bash: 9e15 }, toolCalls: { Bash: 9e15 }, turnToolCallIds: undefined }),
  () => ({ turnToolCalls: { Bash: 6000, Read: 6000 }, toolCalls: { Bash: 6000, shell: 6000 }, turnToolCallIds: undefined }),
  () => ({ model: 'x'.repeat(100_000) }),
];

module.exports = { extreme };
