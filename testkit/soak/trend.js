'use strict';

/** Neighbouring samples are never taken for more alike than this: a constant has no scatter to judge by. */
const MOST_ALIKE = 0.98;

/**
 * The straight line through samples by least squares. The memory of a process moves in steps, so that neighbouring samples resemble each
 * other and say less than as many independent ones would: the standard error is widened by how much they do.
 * @param {number[]} at hours
 * @param {number[]} values
 * @returns {{slope: number, error: number, mean: number, count: number}} the slope an hour with its standard error
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
