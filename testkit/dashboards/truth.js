'use strict';

/**
 * What was added to a metric in a time, straight from the measurements: the amounts of a counter, or the number of measurements
 * of a histogram.
 * @param {{recorders: import('./recorder').Recorder[]}} fortnight
 * @param {string} metric name in OTLP
 * @param {object} options
 * @param {number} options.from in seconds; exports after it count
 * @param {number} options.to in seconds; exports up to it count
 * @param {(attributes: object, process: import('./processes').Process) => boolean} [options.where] Default: all
 * @param {(attributes: object, process: import('./processes').Process) => string} [options.group] Default: one group, `''`
 * @returns {{amounts: Map<string, number>, counts: Map<string, number>}} by group
 */
function addedIn({ recorders }, metric, { from, to, where = () => true, group = () => '' }) {
  const amounts = new Map();
  const counts = new Map();
  for (const { process, additions } of recorders) {
    const measurements = additions.filter(({ time }) => time > from && time <= to).flatMap((addition) => addition.measurements);
    for (const { metric: name, attributes, amount } of measurements) {
      if (name !== metric || !where(attributes, process)) continue;
      const key = group(attributes, process);
      amounts.set(key, (amounts.get(key) ?? 0) + amount);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return { amounts, counts };
}

module.exports = { addedIn };
