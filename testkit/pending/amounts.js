'use strict';

/** The metrics that have the sums of the turns of `fleet-turns`, by their names in OTLP. */
const METRICS = {
  turns: 'ccxray.provider.distribution_total',
  input: 'ccxray.tokens.input_total',
  output: 'ccxray.tokens.output_total',
  cost: 'ccxray.cost.usd_total',
};

/** @returns {{turns: number, input: number, output: number, cost: number}} */
function noAmounts() {
  return { turns: 0, input: 0, output: 0, cost: 0 };
}

/**
 * Adds amounts, field by field.
 * @param {Iterable<object>} amounts
 * @returns {{turns: number, input: number, output: number, cost: number}}
 */
function sumOfAmounts(amounts) {
  const sums = noAmounts();
  for (const one of amounts) for (const name of Object.keys(sums)) sums[name] += one[name];
  return sums;
}

module.exports = { METRICS, noAmounts, sumOfAmounts };
