'use strict';

const readline = require('node:readline/promises');

const { printable } = require('./printable');

/** Prints lines and asks questions. All text may come from a foreign file, so all of it is made printable. */
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

  /** Whether a user can see a question and answer it. */
  get isInteractive() {
    return Boolean(this.#stdin.isTTY && this.#stderr.isTTY);
  }

  /** Writes lines of data. */
  out(...lines) {
    for (const line of lines) this.#stdout.write(`${printable(line)}\n`);
  }

  /** Writes lines of a file as they are. Only a terminal gets them printable, with their tabs. */
  text(lines) {
    const shown = (line) => (this.#stdout.isTTY ? line.replace(/\r$/, '').split('\t').map(printable).join('\t') : line);
    for (const line of lines) this.#stdout.write(`${shown(line)}\n`);
  }

  /** Writes lines of anything else. */
  err(...lines) {
    for (const line of lines) this.#stderr.write(`${printable(line)}\n`);
  }

  /** Replaces the line that shows the progress of work. Only a terminal has one. An empty text removes it. */
  progress(text) {
    if (this.#stderr.isTTY) this.#stderr.write(`\r${printable(text)}\u001B[K`);
  }

  /** @returns {Promise<string|undefined>} one line; undefined at the end of the input */
  async ask(question) {
    this.#input ??= readline.createInterface({ input: this.#stdin, terminal: false });
    this.#lines ??= this.#input[Symbol.asyncIterator]();
    this.#stderr.write(`${printable(question)} `);
    const { value, done } = await this.#lines.next();
    if (done) this.err('');
    return value;
  }

  /** Stops reading, so that the process can end. */
  close() {
    this.#input?.close();
  }
}

module.exports = { Terminal };
