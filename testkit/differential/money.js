'use strict';

/** US dollars for a million tokens. */
const RATES = { input: 1.7, output: 23.3, cache_create: 2.125, cache_read: 0.17 };

/**
 * The `cost` of an entry in all its forms: an object, the bare number of older lines, absent, or unknown. The host multiplies its own
 * numbers with the rates.
 * @param {import('../traffic/random').Random} random
 * @param {object|null} usage
 * @returns {object|number|null}
 */
function costOf(random, usage) {
  if (usage === null) return null;
  const tokens = [
    [usage.input_tokens, RATES.input], [usage.output_tokens, RATES.output], [usage.cache_creation_input_tokens, RATES.cache_create],
    [usage.cache_read_input_tokens, RATES.cache_read],
  ];
  const cost = tokens.reduce((sum, [count, rate]) => sum + (typeof count === 'number' && count > 0 ? count : 0) * rate, 0) / 1e6;
  return random.weighted([
    [{ cost, rates: RATES, confidence: 'exact' }, 86],
    [{ cost, rates: null, confidence: 'exact' }, 2],
    [{ cost, rates: { ...RATES, output: random.pick([-1, null, '3']) }, confidence: 'exact' }, 1],
    [cost, 3],
    [null, 3],
    [{ cost: null, rates: null, confidence: 'unknown', warning: 'No pricing for this model' }, 3],
    [{ cost: null, rates: RATES, confidence: 'exact' }, 1],
    [{ cost: 0, rates: null, confidence: 'exact' }, 1],
  ]);
}

module.exports = { costOf };
