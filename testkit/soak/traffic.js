'use strict';

const { Random } = require('../../demo/traffic/random');

const TICK_MS = 20;
/** The share of each size in `SIZES` of turns.js. */
const MIX = [['usual', 0.848], ['60 KB', 0.15], ['0.5 MB', 0.002]];
const BURST = { turns: 200, eachMs: 30_000 };
/** Allocators keep as much memory as was ever needed at once. So the highest load comes first, and later growth is a leak. */
const WARM_UP = { eachMs: 250, sizes: [['60 KB', 40], ['0.5 MB', 8]] };

/** Steady traffic with some bursts, the same for all hosts. The seed decides the sizes. */
class Traffic {
  #hosts;
  #perSecond;
  #random;
  #timer;
  #begun;
  #sent = 0;
  #bursts = 0;
  #warmMs;
  #warmedUp = 0;

  /**
   * @param {import('./host').Host[]} hosts
   * @param {{seed: number, perSecond: number, warmMs: number}} options
   */
  constructor(hosts, { seed, perSecond, warmMs }) {
    this.#warmMs = warmMs;
    this.#hosts = hosts;
    this.#perSecond = perSecond;
    this.#random = new Random(seed);
  }

  start() {
    this.#begun = performance.now();
    this.#timer = setInterval(() => this.#tick(performance.now() - this.#begun), TICK_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  #tick(elapsedMs) {
    // A late tick sends what is due, but not all turns of a time in which the machine was paused.
    const due = Math.min(Math.floor((elapsedMs / 1000) * this.#perSecond) - this.#sent, this.#perSecond);
    for (let i = 0; i < due; i += 1) this.#send(this.#random.weighted(MIX), { isMeasured: true });
    this.#sent = Math.floor((elapsedMs / 1000) * this.#perSecond);
    if (elapsedMs < this.#warmMs && elapsedMs >= this.#warmedUp * WARM_UP.eachMs) this.#warmUp();
    if (elapsedMs < (this.#bursts + 0.5) * BURST.eachMs) return;
    this.#bursts += 1;
    for (let i = 0; i < BURST.turns; i += 1) this.#send('usual', { isMeasured: false });
  }

  #warmUp() {
    this.#warmedUp += 1;
    for (const [size, turns] of WARM_UP.sizes) {
      for (let i = 0; i < turns; i += 1) this.#send(size, { isMeasured: false });
    }
  }

  /** Sends in another order each time, so that no host is always the last one. */
  #send(size, options) {
    const first = this.#random.int(0, this.#hosts.length - 1);
    for (let i = 0; i < this.#hosts.length; i += 1) this.#hosts[(first + i) % this.#hosts.length].turn(size, options);
  }
}

module.exports = { Traffic };
