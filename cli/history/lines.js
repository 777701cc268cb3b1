'use strict';

const fs = require('node:fs');

const CHUNK_BYTES = 1 << 20;
/** The addon takes no larger entry. */
const MAX_LINE_BYTES = 64 << 20;
const LINE_END = 0x0A;

/**
 * The lines of a file, read piece by piece. A line that is longer than 64 MiB is an empty one.
 * @param {string} file
 * @param {object} [options]
 * @param {number} [options.from] the byte to start at. If it is within a line, that line is left out
 * @param {number} [options.to] the byte to end at. Default: the end of the file
 * @param {(bytes: number) => void} [options.onRead] is given the number of bytes read so far
 * @yields {string} without the line end
 */
function* linesOf(file, { from = 0, to = Infinity, onRead = () => {} } = {}) {
  const descriptor = fs.openSync(file, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const line = new Line();
    if (from > 0) line.skip();
    // The byte before shows whether a line starts there.
    let position = Math.max(0, from - 1);
    for (;;) {
      const count = fs.readSync(descriptor, chunk, 0, Math.min(CHUNK_BYTES, to - position), position);
      if (count === 0) break;
      position += count;
      onRead(position - from);
      const data = chunk.subarray(0, count);
      let start = 0;
      for (let end = data.indexOf(LINE_END); end >= 0; end = data.indexOf(LINE_END, start)) {
        const text = line.end(data.subarray(start, end));
        if (text !== undefined) yield text;
        start = end + 1;
      }
      line.add(data.subarray(start));
    }
    const text = line.end(Buffer.alloc(0));
    if (text !== undefined && text !== '') yield text;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A line whose end was not read yet. */
class Line {
  #pieces = [];
  #bytes = 0;
  #isSkipped = false;

  /** Leaves this line out. */
  skip() {
    this.#isSkipped = true;
  }

  add(piece) {
    this.#bytes += piece.length;
    if (this.#isSkipped) return;
    // The buffer of the piece is used again. What is longer than a line may be is not kept.
    if (this.#bytes <= MAX_LINE_BYTES) this.#pieces.push(Buffer.from(piece));
    else this.#pieces = [];
  }

  /** @returns {string|undefined} the whole line; undefined if it is left out */
  end(piece) {
    const isSkipped = this.#isSkipped;
    const isWhole = this.#bytes === 0;
    if (!isWhole) this.add(piece);
    const isTooLong = this.#bytes > MAX_LINE_BYTES;
    const text = isWhole ? piece.toString('utf8') : Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#bytes = 0;
    this.#isSkipped = false;
    if (isSkipped) return undefined;
    return isTooLong ? '' : text.endsWith('\r') ? text.slice(0, -1) : text;
  }
}

module.exports = { linesOf };
