'use strict';

/**
 * The `cost` of an entry in all its forms: an object, the bare number of older lines, absent, or unknown.
 * @param {import('../traffic/random').Random} random
 * @param {object|null} usage
 * @returns {object|number|null}
 */
function costOf(random, usage) {
  if (usage === null) return null;
  const cost = ((usage.input_tokens ?? 0) * 1.7 + (usage.cache_read_input_tokens ?? 0) * 0.17 + (usage.output_tokens ?? 0) * 23.3) / 1e6;
  return random.weighted([
    [{ cost, rates: { input: 1.7, output: 23.3, cache_create: 1.7, cache_read: 1.7 }, confidence: 'exact' }, 90],
    [cost, 3],
    [null, 3],
    [{ cost: null, rates: null, confidence: 'unknown', warning: 'No pricing for this model' }, 3],
    [{ cost: 0, rates: null, confidence: 'exact' }, 1],
  ]);
}

module.exports = { costOf };
