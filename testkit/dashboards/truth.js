'use strict';

/** The measurements of each metric, by fortnight, because each question is about one metric. */
const INDEXES = new WeakMap();

/**
 * What was added to a metric in a time, straight from the measurements: the amounts of a counter, or the number of measurements
 * of a histogram.
 * @param {{recorders: import('./recorder').Recorder[]}} samples see `fortnight`
 * @param {string} metric name in OTLP
 * @param {object} options
 * @param {number} options.from in seconds; exports after it count
 * @param {number} options.to in seconds; exports up to it count
 * @param {(attributes: object, process: import('./processes').Process) => boolean} [options.where] Default: all
 * @param {(attributes: object, process: import('./processes').Process) => string} [options.group] Default: one group, `''`
 * @returns {{amounts: Map<string, number>, counts: Map<string, number>}} by group
 */
function addedIn(samples, metric, { from, to, where = () => true, group = () => '' }) {
  const amounts = new Map();
  const counts = new Map();
  for (const { time, process, attributes, amount } of measurementsOf(samples, metric)) {
    if (time <= from || time > to || !where(attributes, process)) continue;
    const key = group(attributes, process);
    amounts.set(key, (amounts.get(key) ?? 0) + amount);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { amounts, counts };
}

/**
 * @param {{recorders: import('./recorder').Recorder[]}} samples
 * @param {string} metric name in OTLP
 * @returns {{time: number, process: object, attributes: object, amount: number}[]} with the time of their export
 */
function measurementsOf(samples, metric) {
  if (!INDEXES.has(samples)) INDEXES.set(samples, indexed(samples));
  return INDEXES.get(samples).get(metric) ?? [];
}

function indexed({ recorders }) {
  const index = new Map();
  for (const { process, additions } of recorders) {
    for (const { time, measurements } of additions) {
      for (const { metric, attributes, amount } of measurements) {
        if (!index.has(metric)) index.set(metric, []);
        index.get(metric).push({ time, process, attributes, amount });
      }
    }
  }
  return index;
}

module.exports = { addedIn, measurementsOf };
