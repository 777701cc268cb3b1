'use strict';

/**
 * @typedef {object} Histogram
 * @property {number} count
 * @property {number} sum
 * @property {ArrayLike<number>} buckets how many values are in each, one more than there are bounds
 * @property {number[]} bounds upper bounds, in rising order
 */

/**
 * A quantile by linear interpolation inside a bucket, like `histogram_quantile` of Prometheus.
 * @param {Histogram|undefined} histogram
 * @param {number} q from 0 to 1
 * @returns {number} NaN without values. A quantile in the last bucket is the highest bound
 */
function quantile(histogram, q) {
  if (histogram === undefined || histogram.bounds.length === 0) return Number.NaN;
  const { buckets, bounds } = histogram;
  const total = Array.from(buckets).reduce((sum, amount) => sum + amount, 0);
  if (!(total > 0)) return Number.NaN;
  const rank = q * total;
  let below = 0;
  let bucket = 0;
  while (bucket < bounds.length && below + buckets[bucket] < rank) {
    below += buckets[bucket];
    bucket += 1;
  }
  if (bucket === bounds.length) return bounds[bounds.length - 1];
  if (bucket === 0 && bounds[0] <= 0) return bounds[0];
  const low = bucket === 0 ? 0 : bounds[bucket - 1];
  const share = buckets[bucket] === 0 ? 0 : (rank - below) / buckets[bucket];
  return low + (bounds[bucket] - low) * share;
}

/**
 * @param {(Histogram|undefined)[]} histograms those with other bounds than the first one are left out
 * @returns {Histogram|undefined} their sum; undefined if there is none
 */
function mergeHistograms(histograms) {
  let merged;
  for (const histogram of histograms) {
    if (histogram === undefined) continue;
    merged ??= { count: 0, sum: 0, buckets: new Float64Array(histogram.bounds.length + 1), bounds: histogram.bounds };
    if (!sameBounds(merged.bounds, histogram.bounds)) continue;
    merged.count += histogram.count;
    merged.sum += histogram.sum;
    for (let bucket = 0; bucket < merged.buckets.length; bucket += 1) merged.buckets[bucket] += histogram.buckets[bucket];
  }
  return merged;
}

function sameBounds(one, other) {
  return one === other || one.length === other.length && one.every((bound, index) => bound === other[index]);
}

module.exports = { mergeHistograms, quantile };
