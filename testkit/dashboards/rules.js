'use strict';

const { INCIDENTS, MINUTE, NOW } = require('./calendar');

/**
 * Replaces the names of recorded series by their expressions, because the backends of the tests record nothing.
 * @param {string} expr
 * @param {Map<string, string>} recorded expressions by name
 * @returns {string}
 */
function expanded(expr, recorded) {
  return expr.replace(/ccxray:[\w:]+/g, (name) => {
    if (!recorded.has(name)) throw new RangeError(`nothing records ${name}`);
    return `(${recorded.get(name)})`;
  });
}

/** Times at which a rule can have a result, the likely ones first. */
function candidateTimes() {
  return [NOW, ...Object.values(INCIDENTS).flatMap(([from, to]) => [from + 15 * MINUTE, (from + to) / 2, to - 2 * MINUTE])];
}

/**
 * The first result of an expression at any of the times.
 * @param {object} store see `stores.js`
 * @param {string} expr
 * @returns {Promise<{time: number, values: number[]}|undefined>}
 */
async function firstResult(store, expr) {
  for (const time of candidateTimes()) {
    const values = (await store.instant(expr, time)).map(({ value }) => Number(value[1]));
    if (values.some((value) => Number.isFinite(value))) return { time, values };
  }
  return undefined;
}

module.exports = { expanded, firstResult };
