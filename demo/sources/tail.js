'use strict';

const fs = require('node:fs');

const CHUNK_BYTES = 1 << 20;
/** The addon takes no larger entry. A longer line is left out. */
const MAX_LINE_BYTES = 64 << 20;
const LINE_END = 0x0A;

/** The lines that are added to a file from now on. */
class Tail {
  #file;
  #position;
  #rest = Buffer.alloc(0);

  /**
   * @param {string} file
   * @param {number} [from] the byte to start at. Default: its end
   */
  constructor(file, from = sizeOf(file)) {
    this.#file = file;
    this.#position = from;
  }

  /** @returns {string[]} the whole lines that were added since the last call */
  read() {
    const size = sizeOf(this.#file);
    // A file that has become shorter was replaced.
    if (size < this.#position) this.#restart();
    if (size === this.#position) return [];
    const lines = [];
    const descriptor = fs.openSync(this.#file, 'r');
    try {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let count = -1; count !== 0;) {
        count = fs.readSync(descriptor, chunk, 0, CHUNK_BYTES, this.#position);
        this.#position += count;
        this.#split(chunk.subarray(0, count), lines);
      }
    } finally {
      fs.closeSync(descriptor);
    }
    return lines;
  }

  #restart() {
    this.#position = 0;
    this.#rest = Buffer.alloc(0);
  }

  #split(added, lines) {
    let data = Buffer.concat([this.#rest, added]);
    for (let end = data.indexOf(LINE_END); end >= 0; end = data.indexOf(LINE_END)) {
      const line = data.subarray(0, end).toString('utf8').trim();
      if (line !== '') lines.push(line);
      data = data.subarray(end + 1);
    }
    this.#rest = data.length > MAX_LINE_BYTES ? Buffer.alloc(0) : data;
  }
}

/** A file that is missing is empty: ccxray makes it with its first turn. */
function sizeOf(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

module.exports = { Tail };
