'use strict';

const { MODELS } = require('./lexicon');

/**
 * The `cost` field of an entry.
 * @param {string} model
 * @param {object|null} usage in the form of an entry: `input_tokens` is the uncached part
 * @returns {object|null} `{cost, rates, confidence[, warning]}`; null without usage; `cost.cost` is null if the price of
 *   the model is unknown
 */
function costOf(model, usage) {
  if (usage === null) return null;
  const { rates } = MODELS[model];
  if (rates === null) return { cost: null, rates: null, confidence: 'unknown', warning: `No pricing for ${model}` };
  const micros = (usage.input_tokens * rates.input
    + usage.output_tokens * rates.output
    + (usage.cache_creation_input_tokens ?? 0) * rates.cache_create
    + (usage.cache_read_input_tokens ?? 0) * rates.cache_read);
  return { cost: micros / 1e6, rates, confidence: /-20\d{6}$/.test(model) ? 'prefix' : 'exact' };
}

module.exports = { costOf };
