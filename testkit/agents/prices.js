'use strict';

/*
 * List prices of the models in the scenarios, in US dollars per million tokens: input, output, written to a cache, read from one.
 * A model that is not here has no price that the host knows.
 */
const PRICES = {
  'claude-opus-4-8': [5, 25, 6.25, 0.5],
  'claude-sonnet-4-6': [3, 15, 3.75, 0.3],
  'claude-sonnet-5': [2, 10, 2.5, 0.2],
  'claude-fable-5': [10, 50, 12.5, 1],
  'claude-haiku-4-5': [1, 5, 1.25, 0.1],
  'gpt-5.5': [5, 30, 6.25, 0.5],
  'gpt-5.6-sol': [5, 30, 6.25, 0.5],
};
const MILLION = 1e6;

/**
 * @param {string} family of a model
 * @param {import('./upstream/ledger').Tokens} tokens
 * @returns {number|undefined} US dollars; `undefined` if the model has no price
 */
function costOf(family, { input, output, write, read }) {
  const rates = PRICES[family];
  if (!rates) return undefined;
  return [input, output, write, read].reduce((sum, count, i) => sum + (count * rates[i]) / MILLION, 0);
}

module.exports = { costOf };
