'use strict';

const { turn } = require('../entries/turn');

/**
 * A turn with numbers that follow from its own number. Costs are multiples of a power of two, so that their sum does not
 * depend on the order.
 * @param {number} number
 * @returns {{line: string, amounts: {turns: number, input: number, output: number, cost: number}}}
 */
function turnOf(number) {
  const amounts = { turns: 1, input: 1 + (number % 97), output: 1 + (number % 89), cost: (1 + (number % 79)) / 1024 };
  const usage = { input_tokens: amounts.input, output_tokens: amounts.output, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  const line = turn({ id: `turn-${number}`, sessionId: `session-${number >> 4}`, usage, cost: { cost: amounts.cost, confidence: 'exact' } });
  return { line, amounts };
}

/** The metrics that have the sums of the amounts, by their names in Prometheus. */
const METRICS = {
  turns: 'ccxray_provider_distribution_total',
  input: 'ccxray_tokens_input_total',
  output: 'ccxray_tokens_output_total',
  cost: 'ccxray_cost_usd_total',
};

/**
 * @param {{first: number, recorded: number}[]} runs
 * @returns {{turns: number, input: number, output: number, cost: number}} the sums of all turns
 */
function amountsOf(runs) {
  const sums = { turns: 0, input: 0, output: 0, cost: 0 };
  for (const { first, recorded } of runs) {
    for (let number = first; number < first + recorded; number += 1) {
      for (const [name, amount] of Object.entries(turnOf(number).amounts)) sums[name] += amount;
    }
  }
  return sums;
}

module.exports = { METRICS, amountsOf, turnOf };
