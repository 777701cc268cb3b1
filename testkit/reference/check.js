'use strict';

const { defaultTurns } = require('../fixtures/default-turns');
const { differences, totalsOf } = require('../otlp/totals');
const { Reference } = require('./index');

/**
 * The captured entries and a synthetic day, with the totals that the reference implementation derives from them.
 * @param {{turns: number, seed: number}} options see `syntheticDay`
 * @returns {import('../../demo/once').Check}
 */
function checkOf(options) {
  // The turns are generated twice, because a long day does not fit into memory. The same seed gives the same turns.
  const reference = new Reference();
  let total = 0;
  for (const turn of defaultTurns(options)) {
    reference.add(turn);
    total += 1;
  }
  return { turns: defaultTurns(options), total, compare: (series) => comparison(reference.totals, series) };
}

function comparison(expected, series) {
  const wrong = differences(expected, totalsOf(series));
  const lines = wrong.map(({ metric, attributes, expected: want, actual }) => `  ${metric} ${attributes}: expected ${shown(want)}, received ${shown(actual)}`);
  return { isRight: wrong.length === 0, text: agreement(wrong, series), lines };
}

function agreement(wrong, series) {
  if (wrong.length > 0) return `the receiver's totals DISAGREE with the independent reference implementation in ${wrong.length} series:`;
  const metrics = new Set(series.filter(({ kind }) => kind !== 'gauge').map(({ metric }) => metric));
  return `the receiver's totals agree with the independent reference implementation (${metrics.size} metrics, ${series.length} series)`;
}

function shown(value) {
  return typeof value === 'number' ? String(value) : `${value.count} observations with sum ${value.sum}`;
}

module.exports = { checkOf };
