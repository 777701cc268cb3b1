/** The time of the data. It runs faster than the time of the machine while a day is replayed. */
export class Clock {
  #readMs;
  #nowMs = 0;
  #rate = 0;
  #setAt = 0;

  /** @param {() => number} readMs the time of the machine, in milliseconds */
  constructor(readMs) {
    this.#readMs = readMs;
  }

  /** @param {{nowMs: number, rate: number}} clock as the server sends it; `rate` is 0 while it stands still */
  set({ nowMs, rate }) {
    this.#nowMs = nowMs;
    this.#rate = rate;
    this.#setAt = this.#readMs();
  }

  /** The time of the data, at most two seconds of the machine's time after the last message. */
  get nowMs() {
    return this.#nowMs + Math.min(this.#readMs() - this.#setAt, 2000) * this.#rate;
  }

  /** How many seconds of the data pass in one second. */
  get rate() {
    return this.#rate;
  }
}
