'use strict';

const readline = require('node:readline/promises');

/** Where words go, and where answers come from. No word moves the cursor or hides: it may be a stranger's. */
class Terminal {
  #stdin;
  #stdout;
  #stderr;
  #input;
  #lines;

  constructor({ stdin, stdout, stderr }) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** Whether there is somebody to ask, who can see the question. */
  get isInteractive() {
    return Boolean(this.#stdin.isTTY && this.#stderr.isTTY);
  }

  /** Writes lines of data. */
  out(...lines) {
    for (const line of lines) this.#stdout.write(`${fit(line)}\n`);
  }

  /** Writes lines of anything else. */
  err(...lines) {
    for (const line of lines) this.#stderr.write(`${fit(line)}\n`);
  }

  /** @returns {Promise<string|undefined>} one line; undefined at the end of the input */
  async ask(question) {
    this.#input ??= readline.createInterface({ input: this.#stdin, terminal: false });
    this.#lines ??= this.#input[Symbol.asyncIterator]();
    this.#stderr.write(`${fit(question)} `);
    const { value, done } = await this.#lines.next();
    if (done) this.err('');
    return value;
  }

  /** Nothing is read any more, so that the process can end. */
  close() {
    this.#input?.close();
  }
}

/** Rows of cells as lines, each column as wide as its widest cell. */
function columns(rows) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd());
}

/** Text without what moves a cursor, hides letters or turns their order round. */
function fit(text) {
  return text.replace(/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '\ufffd');
}

module.exports = { Terminal, columns };
