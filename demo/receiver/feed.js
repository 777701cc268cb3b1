'use strict';

const { Increases } = require('./increases');
const { pointsOf } = require('./points');

/** A clock of another machine or process may be ahead by so much. A later point would push out everything before it. */
const MAX_AHEAD_MS = 10 * 60_000;
/** An earlier point is not in any range that the page shows. Its time is probably missing, or in another unit. */
const MAX_AGE_MS = 92 * 86_400_000;

/** Puts the data points of requests into the store, and passes them on to those who watch. */
class Feed {
  /** How many requests were accepted and rejected. */
  requests = { accepted: 0, rejected: 0 };
  /** The bytes of the accepted bodies, as received and decompressed. */
  bytes = { received: 0, decompressed: 0 };
  /** How many points the accepted requests have. */
  points = 0;
  /** How many of them are later than now, or much too old. They are left out. */
  misdated = 0;
  #store;
  #clock;
  #increases;
  #described = new Map();
  #listeners = new Set();

  /**
   * @param {object} parts
   * @param {import('../store').MetricStore} parts.store
   * @param {import('../clock').DataClock} parts.clock
   */
  constructor({ store, clock }) {
    this.#store = store;
    this.#clock = clock;
    this.#increases = new Increases({ sinceMs: Date.now() });
  }

  /** @returns {object[]} the series so far, each with its id */
  get series() {
    return [...this.#described.values()];
  }

  /**
   * Takes the points of an accepted request.
   * @param {object} request OTLP/JSON
   * @param {{received: number, decompressed: number}} bytes of its body
   * @param {number} [timeMs] when they happened, on the clock of the data. Default: what the points say
   */
  take(request, bytes, timeMs) {
    const { nowMs } = this.#clock;
    const isShown = (atMs) => atMs <= nowMs + MAX_AHEAD_MS && atMs >= nowMs - MAX_AGE_MS;
    const fresh = [];
    const byTime = new Map();
    for (const point of pointsOf(request)) {
      this.points += 1;
      const value = this.#increases.take(point);
      const atMs = timeMs ?? this.#clock.at(point.timeMs);
      if (!isShown(atMs)) {
        this.misdated += 1;
        continue;
      }
      const id = this.#define(point.series, fresh);
      if (id === undefined || isNothing(point.series.kind, value)) continue;
      this.#store.add(id, atMs, value);
      if (!byTime.has(atMs)) byTime.set(atMs, []);
      byTime.get(atMs).push([id, flat(value)]);
    }
    this.requests.accepted += 1;
    this.bytes.received += bytes.received;
    this.bytes.decompressed += bytes.decompressed;
    if (fresh.length > 0) this.#publish('series', fresh);
    for (const [atMs, values] of byTime) this.#publish('points', { timeMs: atMs, values });
  }

  /**
   * @param {(event: 'series'|'points', data: object) => void} listener
   * @returns {() => void} ends it
   */
  watch(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #define(series, fresh) {
    const id = this.#store.define(series);
    if (id !== undefined && !this.#described.has(id)) {
      const described = { id, ...series };
      this.#described.set(id, described);
      fresh.push(described);
    }
    return id;
  }

  #publish(event, data) {
    for (const listener of this.#listeners) listener(event, data);
  }
}

/** Whether a store would not change. */
function isNothing(kind, value) {
  return kind === 'counter' && value === 0 || kind === 'histogram' && value.count === 0;
}

/** A value as it is sent to the page: a histogram is a list of its count, its sum and its buckets. */
function flat(value) {
  return typeof value === 'number' ? value : [value.count, value.sum, ...value.buckets];
}

module.exports = { Feed, flat };
