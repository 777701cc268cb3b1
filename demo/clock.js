'use strict';

/** The time of the data. It can be another one than the real time, and run faster. */
class DataClock {
  #dataMs;
  #realMs;
  #rate = 1;
  #real;

  /** @param {() => number} [real] Unix milliseconds. Default: the machine's clock */
  constructor(real = Date.now) {
    this.#real = real;
    this.#realMs = real();
    this.#dataMs = this.#realMs;
  }

  /** How much faster than the real time it runs. 0: it stands still. */
  get rate() {
    return this.#rate;
  }

  /** @returns {number} Unix milliseconds */
  get nowMs() {
    return this.at(this.#real());
  }

  /** @returns {number} the time of the data at a real time, both in Unix milliseconds */
  at(realMs) {
    return Math.round(this.#dataMs + (realMs - this.#realMs) * this.#rate);
  }

  /** Continues at `dataMs`, `rate` times as fast as the real time. */
  set(dataMs, rate) {
    this.#realMs = this.#real();
    this.#dataMs = dataMs;
    this.#rate = rate;
  }
}

module.exports = { DataClock };
