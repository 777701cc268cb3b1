'use strict';

const NO_VALUE = Number.NaN;

/**
 * @typedef {object} Cells how the points of one slot become one value
 * @property {(size: number) => ArrayLike<unknown>} allocate empty slots
 * @property {(value: unknown) => boolean} accepts whether a point has a usable value
 * @property {(value: unknown) => boolean} isEmpty whether a slot has no point
 * @property {(slot: unknown, value: unknown) => unknown} merge a slot with a later point or slot
 * @property {boolean} [isReplaced] whether a later point replaces an earlier one
 */

/** @type {Cells} Increases add up. */
const increases = {
  allocate: (size) => new Float64Array(size),
  accepts: (value) => Number.isFinite(value) && value >= 0,
  isEmpty: (slot) => slot === 0,
  merge: (slot, value) => slot + value,
};

/** @type {Cells} The newest value counts. */
const newest = {
  allocate: (size) => new Float64Array(size).fill(NO_VALUE),
  accepts: (value) => Number.isFinite(value),
  isEmpty: (slot) => Number.isNaN(slot),
  merge: (slot, value) => value,
  isReplaced: true,
};

/**
 * Histograms add up, bucket by bucket. Most slots are empty, so each one is allocated at its first point.
 * @param {number} buckets how many there are
 * @returns {Cells}
 */
function histograms(buckets) {
  return {
    allocate: (size) => Array.from({ length: size }),
    accepts: (value) => isCount(value?.count) && Number.isFinite(value.sum) && value.buckets?.length === buckets && Array.from(value.buckets).every(isCount),
    isEmpty: (slot) => slot === undefined,
    merge(slot, value) {
      const merged = slot ?? { count: 0, sum: 0, buckets: new Float64Array(buckets) };
      merged.count += value.count;
      merged.sum += value.sum;
      for (let bucket = 0; bucket < buckets; bucket += 1) merged.buckets[bucket] += value.buckets[bucket];
      return merged;
    },
  };
}

/**
 * @param {{kind: string, bounds?: number[]}} descriptor
 * @returns {Cells}
 */
function cellsOf({ kind, bounds = [] }) {
  if (kind === 'histogram') return histograms(bounds.length + 1);
  return kind === 'counter' ? increases : newest;
}

function isCount(value) {
  return Number.isFinite(value) && value >= 0;
}

module.exports = { cellsOf };
