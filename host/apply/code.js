'use strict';

const { tokensOf } = require('./tokens');

/** A line that only has a comment. */
const COMMENT_LINE = /^[ \t]*\/\/.*$/;
/** What may stand behind a statement on its line. */
const REST_OF_LINE = /^[ \t]*(?:\/\/.*|\/\*(?:[^*]|\*(?!\/))*\*\/[ \t]*)?$/;
/** Names that continue an expression on a new line. */
const CONTINUING = new Set(['in', 'instanceof', 'of', 'as']);

/** The code of one file, and how to find a place in it by names. All indices are those of tokens. */
class Code {
  /**
   * @param {string} source
   * @throws {import('./tokens').UnreadableError}
   */
  constructor(source) {
    this.source = source;
    this.tokens = tokensOf(source);
  }

  /**
   * @param {string} words tokens with blanks between them. `<text>` stands for any text
   * @param {{from: number, to: number}} [range] Default: the whole file
   * @returns {number[]} where these tokens begin
   */
  all(words, { from, to } = this.whole) {
    const wanted = words.split(' ');
    const found = [];
    for (let i = from; i + wanted.length <= to; i += 1) {
      if (wanted.every((word, k) => (word === '<text>' ? this.tokens[i + k].kind === 'text' : this.tokens[i + k].text === word))) found.push(i);
    }
    return found;
  }

  get whole() {
    return { from: 0, to: this.tokens.length };
  }

  /** @returns {{from: number, to: number, depth: number, head: number}|undefined} the tokens in the body of a function; `head` is its first word */
  functionNamed(name) {
    const [head, ...others] = this.all(`function ${name} (`);
    if (head === undefined || others.length > 0) return undefined;
    const body = this.tokens[head + 2].close + 1;
    if (this.tokens[body]?.text !== '{') return undefined;
    return { from: body + 1, to: this.tokens[body].close, depth: this.tokens[body].depth + 1, head };
  }

  /** Whether a variable of this name is used in a range. A field of an object is not one. */
  uses(name, { from, to } = this.whole) {
    return this.all(name, { from, to }).some((i) => !['.', '?.'].includes(this.tokens[i - 1]?.text) && this.tokens[i + 1]?.text !== ':');
  }

  /** The first token of the statement at `depth` that contains a token. */
  statementStart(index, depth) {
    let i = index;
    while (i > 0 && !this.#isBoundary(i - 1, depth)) i -= 1;
    return i;
  }

  /** Whether a statement at `depth` can begin behind this token. */
  #isBoundary(index, depth) {
    const { text, depth: own, end } = this.tokens[index];
    if (own === depth - 1) return text === '{';
    if (own !== depth) return false;
    return text === ';' || (text === '}' && this.source.slice(end, this.tokens[index + 1]?.start).includes('\n'));
  }

  /** The last token of the statement that begins with this token. */
  statementEnd(index) {
    const { depth } = this.tokens[index];
    for (let i = index; i + 1 < this.tokens.length; i += 1) {
      const { text, depth: own, end } = this.tokens[i];
      const next = this.tokens[i + 1];
      if (own === depth && text === ';') return i;
      if (own === depth && next.depth < depth) return i;
      const isNewLine = this.source.slice(end, next.start).includes('\n');
      // Without a semicolon: a name on a new line cannot continue what a bracket has closed.
      if (own === depth && next.depth === depth && isNewLine && [')', '}', ']'].includes(text) && next.kind === 'name' && !CONTINUING.has(next.text)) return i;
    }
    return this.tokens.length - 1;
  }

  /** @returns {number|undefined} the offset of the line above a statement and its comments; undefined if other code is on that line */
  lineAbove(index) {
    const { start } = this.tokens[index];
    let at = this.#lineStart(start);
    if (this.source.slice(at, start).trim() !== '') return undefined;
    while (at > 0) {
      const previous = this.#lineStart(at - 1);
      if (!COMMENT_LINE.test(this.source.slice(previous, at).trimEnd())) break;
      at = previous;
    }
    return at;
  }

  /** @returns {number|undefined} the offset of the line below a statement; undefined if other code is on its last line */
  lineBelow(index) {
    const { end } = this.tokens[index];
    const newline = this.source.indexOf('\n', end);
    if (newline < 0 || !REST_OF_LINE.test(this.source.slice(end, newline).replace(/\r$/, ''))) return undefined;
    return newline + 1;
  }

  /** The blanks at the beginning of a statement's line. */
  indentOf(index) {
    const { start } = this.tokens[index];
    return /^[ \t]*/.exec(this.source.slice(this.#lineStart(start), start))[0];
  }

  #lineStart(at) {
    return this.source.lastIndexOf('\n', at - 1) + 1;
  }
}

module.exports = { Code };
