'use strict';

const WIDTH = 30;
const REDRAW_MS = 60;

/**
 * Shows the progress of a replay: a bar on a terminal, otherwise a line at every quarter.
 */
class Progress {
  #stream;
  #total;
  #color;
  #done = 0;
  #drawnAt = 0;
  #quarter = 0;

  /**
   * @param {{write: (text: string) => unknown, isTTY?: boolean}} stream
   * @param {number} total how many turns there will be
   * @param {Record<string, string|undefined>} env a non-empty `NO_COLOR` turns colours off
   */
  constructor(stream, total, env) {
    this.#stream = stream;
    this.#total = total;
    this.#color = Boolean(stream.isTTY) && !env.NO_COLOR;
  }

  /** Counts one turn. */
  step() {
    this.#done += 1;
    if (this.#stream.isTTY) {
      if (Date.now() - this.#drawnAt >= REDRAW_MS) this.#draw();
      return;
    }
    const quarter = Math.floor((this.#done * 4) / this.#total);
    if (quarter > this.#quarter && this.#done < this.#total) this.#stream.write(`replayed ${this.#count()}\n`);
    this.#quarter = quarter;
  }

  /** Ends the line after the last turn. */
  finish() {
    if (this.#stream.isTTY) {
      this.#draw();
      this.#stream.write('\n');
    } else {
      this.#stream.write(`replayed ${this.#count()}\n`);
    }
  }

  #draw() {
    this.#drawnAt = Date.now();
    const share = this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total);
    const filled = Math.round(share * WIDTH);
    const bar = '#'.repeat(filled);
    const painted = this.#color ? `\u001B[36m${bar}\u001B[0m` : bar;
    this.#stream.write(`\r[${painted}${'.'.repeat(WIDTH - filled)}] ${this.#count()}\u001B[K`);
  }

  #count() {
    return `${this.#done} of ${this.#total} turns`;
  }
}

module.exports = { Progress };
