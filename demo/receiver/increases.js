'use strict';

/** A process has some hundred series. Those of processes that ended long ago are forgotten first. */
const MAX_STREAMS = 50_000;

/**
 * Turns the values of streams into increases. A stream is one series of one process: a cumulative stream counts from the
 * start of its process, and a delta stream from its last point.
 */
class Increases {
  #since;
  #maxStreams;
  /** The last point of each stream, the one that was updated last at the end. */
  #last = new Map();

  /**
   * @param {object} options
   * @param {number} options.sinceMs a cumulative stream that began earlier has counted things that do not belong here,
   *   so its first point is only where it stands
   * @param {number} [options.maxStreams] Default: 50,000
   */
  constructor({ sinceMs, maxStreams = MAX_STREAMS }) {
    this.#since = sinceMs;
    this.#maxStreams = maxStreams;
  }

  /**
   * @param {import('./points').Point} point
   * @returns {number|{count: number, sum: number, buckets: number[]}} what a store adds: the increase of a counter or a
   *   histogram, and the value of anything else
   */
  take({ stream, series: { kind }, value, isCumulative, startMs }) {
    if (kind === 'gauge') return value;
    if (kind === 'updown') return isCumulative ? value : this.#put(stream, { value: value + (this.#last.get(stream)?.value ?? 0), startMs });
    if (!isCumulative) return value;
    const last = this.#last.get(stream);
    this.#put(stream, { value, startMs });
    if (last === undefined) return startMs >= this.#since ? value : zeroLike(value);
    const isSame = last.startMs === startMs && total(value) >= total(last.value);
    return isSame ? minus(value, last.value) : value;
  }

  #put(stream, point) {
    this.#last.delete(stream);
    this.#last.set(stream, point);
    if (this.#last.size > this.#maxStreams) this.#last.delete(this.#last.keys().next().value);
    return point.value;
  }
}

function total(value) {
  return value.count ?? value;
}

function zeroLike(value) {
  return minus(value, value);
}

function minus(value, earlier) {
  if (typeof value === 'number') return value - earlier;
  const { count, sum, buckets } = value;
  return { count: count - earlier.count, sum: sum - earlier.sum, buckets: buckets.map((amount, index) => amount - (earlier.buckets[index] ?? 0)) };
}

module.exports = { Increases };
