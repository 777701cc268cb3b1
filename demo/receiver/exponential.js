'use strict';

/** Two bounds for each doubling, from about 0.001 to about a million. */
const BOUNDS = Array.from({ length: 61 }, (_, index) => 2 ** (index / 2 - 10));

/**
 * Sorts the counts of an exponential histogram into buckets that stay the same when its scale changes. A count belongs
 * to the bucket in which the middle of its own bucket is.
 * @see https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 * @param {object} point in OTLP/JSON
 * @returns {{count: number, sum: number, buckets: number[], bounds: number[]}}
 */
function explicitBuckets({ count = 0, sum = 0, scale = 0, zeroCount = 0, positive = {}, negative = {} }) {
  const buckets = Array.from({ length: BOUNDS.length + 1 }, () => 0);
  buckets[0] += Number(zeroCount) + (negative.bucketCounts ?? []).reduce((total, amount) => total + Number(amount), 0);
  const { offset = 0, bucketCounts = [] } = positive;
  bucketCounts.forEach((amount, index) => {
    const middle = 2 ** ((offset + index + 0.5) * 2 ** -scale);
    const at = BOUNDS.findIndex((bound) => middle <= bound);
    buckets[at < 0 ? BOUNDS.length : at] += Number(amount);
  });
  return { count: Number(count), sum, buckets, bounds: BOUNDS };
}

module.exports = { explicitBuckets };
