'use strict';

/** The highest correlation of neighbouring samples that is assumed. Constant samples would otherwise have no error at all. */
const MOST_ALIKE = 0.98;

/**
 * Fits a straight line to samples by least squares. The memory of a process changes in steps, so that neighbouring samples are
 * correlated and are worth less than independent ones. The standard error is corrected for that correlation.
 * @param {number[]} at hours
 * @param {number[]} values
 * @returns {{slope: number, error: number, mean: number, count: number}} the slope per hour with its standard error
 */
function trend(at, values) {
  const count = at.length;
  const [meanAt, mean] = [average(at), average(values)];
  const spread = sum(at.map((hour) => (hour - meanAt) ** 2));
  if (count < 3 || spread === 0) return { slope: 0, error: Infinity, mean, count };
  const slope = sum(at.map((hour, i) => (hour - meanAt) * (values[i] - mean))) / spread;
  const off = values.map((value, i) => value - mean - slope * (at[i] - meanAt));
  const scatter = sum(off.map((one) => one ** 2));
  const alike = scatter === 0 ? 0 : Math.min(MOST_ALIKE, Math.max(0, sum(off.slice(1).map((one, i) => one * off[i])) / scatter));
  const error = Math.sqrt((scatter / (count - 2) / spread) * ((1 + alike) / (1 - alike)));
  return { slope, error, mean, count };
}

function average(values) {
  return sum(values) / Math.max(1, values.length);
}

function sum(values) {
  return values.reduce((all, one) => all + one, 0);
}

module.exports = { trend };
