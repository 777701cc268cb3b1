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
   */
  constructor(file) {
    this.#file = file;
    this.#position = endOfLines(file);
  }

  /** @returns {number} the byte up to which the file was read */
  get position() {
    return this.#position;
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

/** The byte after the last line end. What follows is a line that is being written. */
function endOfLines(file) {
  const size = sizeOf(file);
  const length = Math.min(size, MAX_LINE_BYTES);
  if (length === 0) return 0;
  const descriptor = fs.openSync(file, 'r');
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, length));
    for (let end = size; end > size - length; end -= chunk.length) {
      const start = Math.max(0, end - chunk.length);
      const count = fs.readSync(descriptor, chunk, 0, end - start, start);
      const at = chunk.subarray(0, count).lastIndexOf(LINE_END);
      if (at >= 0) return start + at + 1;
    }
    return 0;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A file that is missing is empty: ccxray makes it with its first turn. */
function sizeOf(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

module.exports = { Tail };
