'use strict';

const readline = require('node:readline/promises');

const { printable } = require('./printable');
const { Styled, hasColors } = require('./style');

/** Prints lines and asks questions. All text may come from a foreign file, so all of it is made printable. */
class Terminal {
  #stdin;
  #stdout;
  #stderr;
  #input;
  #lines;
  #isColored;

  constructor({ stdin, stdout, stderr, env = {} }) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#isColored = hasColors(stdout, env);
  }

  /** Uses no colours from now on. */
  withoutColors() {
    this.#isColored = false;
  }

  /** Whether a user sees the data, and not another program. */
  get isShown() {
    return Boolean(this.#stdout.isTTY);
  }

  /** Whether a user can see a question and answer it. */
  get isInteractive() {
    return Boolean(this.#stdin.isTTY && this.#stderr.isTTY);
  }

  /**
   * Writes lines of data.
   * @param {(string|Styled)[]} lines
   */
  out(...lines) {
    for (const line of lines) this.#stdout.write(`${this.#shown(line)}\n`);
  }

  /** Writes a value as JSON. */
  json(value) {
    this.out(...JSON.stringify(value, null, 2).split('\n'));
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

  #shown(line) {
    if (!(line instanceof Styled)) return printable(line);
    return this.#isColored ? line.painted(printable(line.text)) : printable(line.text);
  }

  /** Stops reading, so that the process can end. */
  close() {
    this.#input?.close();
  }
}

module.exports = { Terminal };
