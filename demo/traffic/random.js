'use strict';

/**
 * A small seeded random generator (mulberry32): the same seed gives the same synthetic day on every machine. Generators of
 * dependent entries draw from it, not from fast-check, since a changed draw would change all later entries. Not for secrets.
 */
class Random {
  #state;

  /** @param {number} seed any integer, of which the low 32 bits are used */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /**
   * An independent generator for one part of the day, so that the draws of one session do not change those of another.
   * @param {number} part the number of the part
   * @returns {Random}
   */
  fork(part) {
    return new Random(Math.imul(this.#state ^ (part + 1), 0x9e3779b1) ^ (part * 0x85ebca6b));
  }

  /** @returns {number} uniform in [0, 1) */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** @returns {number} a whole number from `low` to `high`, both included */
  int(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** @returns {boolean} true with probability `p` */
  chance(p) {
    return this.next() < p;
  }

  /** @returns {*} one of the values, each with the same probability */
  pick(values) {
    return values[Math.floor(this.next() * values.length)];
  }

  /** @returns {*} one of the `[value, weight]` pairs' values */
  weighted(pairs) {
    let left = this.next() * pairs.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of pairs) {
      left -= weight;
      if (left < 0) return value;
    }
    return pairs[pairs.length - 1][0];
  }

  /** @returns {number} log-normal with the given median and 90th percentile, as latencies and sizes are */
  logNormal(median, p90) {
    const sigma = Math.log(p90 / median) / P90_DEVIATIONS;
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(sigma * normal);
  }

  /** @returns {string} that many lower-case hex digits */
  hex(length) {
    let text = '';
    while (text.length < length) text += Math.floor(this.next() * 16).toString(16);
    return text;
  }

  /** @returns {string} a UUID of version 4, as Claude Code names its sessions */
  uuid4() {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${this.pick(['8', '9', 'a', 'b'])}${this.hex(3)}-${this.hex(12)}`;
  }

  /** @returns {string} a UUID of version 7 for that time, as Codex and Grok name their sessions */
  uuid7(atMs) {
    const time = Math.floor(atMs).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${this.hex(3)}-${this.pick(['8', '9', 'a', 'b'])}${this.hex(3)}-${this.hex(12)}`;
  }
}

/** How many standard deviations above the median the 90th percentile of a normal distribution lies. */
const P90_DEVIATIONS = 1.2815515655446004;

module.exports = { Random };
