'use strict';

/*
 * Splits JavaScript into tokens, as far as a search for statements needs it: texts, templates, regular expressions and
 * comments are one token each, so that a bracket or a name inside of them is not taken for code.
 */

/**
 * @typedef {object} Token
 * @property {'name'|'number'|'text'|'template'|'regex'|'mark'} kind
 * @property {string} text
 * @property {number} start offset of the first character
 * @property {number} end offset behind the last one
 * @property {number} depth how many brackets are open around it. A bracket has the depth of what is around it
 * @property {number} [close] of an opening bracket: the index of the token that closes it
 * @property {number} [open] of a closing bracket: the index of the token that opened it
 */

const NAME = /[\p{ID_Start}$_#\\](?:[\p{ID_Continue}$\\\u200c]|\u200d)*/uy;
const NUMBER = /(?:0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)n?/y;
const BLANK = /(?:\s|\ufeff)+/y;
const LINE_COMMENT = /\/\/[^\n\r\u2028\u2029]*/y;
const HASHBANG = /^#!.*/;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const TEXT = /'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*'|"(?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*"/y;
const REGEX = /\/(?:[^/\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[\p{ID_Continue}$]*/uy;
const OPENING = '([{';
const CLOSING = ')]}';
/** Words behind which a slash begins a regular expression. Behind any other name it divides. */
const OPERATORS = new Set(['return', 'typeof', 'case', 'do', 'else', 'in', 'of', 'instanceof', 'new', 'delete', 'void', 'throw', 'await', 'yield', 'default', 'extends']);
/** Words whose brackets a statement follows, which can begin with a regular expression. */
const HEADS = new Set(['if', 'while', 'for', 'with']);

/** A file that is not the JavaScript that this code can read. */
class UnreadableError extends Error {}

/**
 * @param {string} source
 * @returns {Token[]} without blanks and comments
 * @throws {UnreadableError}
 */
function tokensOf(source) {
  const tokens = [];
  /** The open brackets: the index of the token of each. */
  const open = [];
  let at = HASHBANG.exec(source)?.[0].length ?? 0;
  const match = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const push = (kind, text, depth = open.length) => {
    tokens.push({ kind, text, start: at, end: at + text.length, depth });
    at += text.length;
  };
  while (at < source.length) {
    const skipped = match(BLANK) ?? match(LINE_COMMENT) ?? match(BLOCK_COMMENT);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    const char = source[at];
    if (char === '`') {
      push('template', source.slice(at, endOfTemplate(source, at)));
    } else if (char === '"' || char === "'") {
      push('text', match(TEXT) ?? unreadable(source, at, 'a text has no end'));
    } else if (char === '/' && isRegexNext(tokens)) {
      push('regex', match(REGEX) ?? unreadable(source, at, 'a regular expression has no end'));
    } else if (OPENING.includes(char)) {
      open.push(tokens.length);
      push('mark', char, open.length - 1);
    } else if (CLOSING.includes(char)) {
      const opening = open.pop();
      if (tokens[opening]?.text !== OPENING[CLOSING.indexOf(char)]) unreadable(source, at, `"${char}" closes nothing`);
      push('mark', char);
      tokens[opening].close = tokens.length - 1;
      tokens.at(-1).open = opening;
    } else {
      const number = /[\d.]/.test(char) ? match(NUMBER) : undefined;
      const name = number === undefined ? match(NAME) : undefined;
      if (number !== undefined) push('number', number);
      else if (name !== undefined) push('name', name);
      else push('mark', ['?.', '=>'].find((mark) => source.startsWith(mark, at)) ?? char);
    }
  }
  if (open.length > 0) unreadable(source, tokens[open.at(-1)].start, `"${tokens[open.at(-1)].text}" is not closed`);
  return tokens;
}

/** Where a template ends, with the expressions in it, which can contain templates. */
function endOfTemplate(source, start) {
  let at = start + 1;
  while (at < source.length) {
    if (source[at] === '\\') at += 2;
    else if (source[at] === '`') return at + 1;
    else if (source.startsWith('${', at)) at = endOfExpression(source, at + 2);
    else at += 1;
  }
  return unreadable(source, start, 'a template has no end');
}

/** Where the expression of a template ends: behind the bracket that closes it. */
function endOfExpression(source, start) {
  let depth = 1;
  let at = start;
  while (at < source.length) {
    const rest = [TEXT, BLOCK_COMMENT, LINE_COMMENT].map((pattern) => {
      pattern.lastIndex = at;
      return pattern.exec(source)?.[0];
    }).find((text) => text !== undefined);
    if (source[at] === '`') {
      at = endOfTemplate(source, at);
    } else if (rest !== undefined) {
      at += rest.length;
    } else if (source[at] === '/' && /[(,=:[!&|?{;~^+\-*%<>]\s*$/.test(source.slice(Math.max(start - 1, at - 64), at))) {
      REGEX.lastIndex = at;
      at += REGEX.exec(source)?.[0].length ?? 1;
    } else {
      if (source[at] === '{') depth += 1;
      if (source[at] === '}') depth -= 1;
      at += 1;
      if (depth === 0) return at;
    }
  }
  return unreadable(source, start, 'an expression of a template has no end');
}

/** Whether a slash begins a regular expression here. */
function isRegexNext(tokens) {
  const last = tokens.at(-1);
  if (last === undefined) return true;
  if (last.kind === 'name') return OPERATORS.has(last.text) && tokens.at(-2)?.text !== '.' && tokens.at(-2)?.text !== '?.';
  if (last.kind !== 'mark') return false;
  if (last.text === ')') return HEADS.has(tokens[last.open - 1]?.text);
  // Behind a block a statement begins; behind an object nothing does. Nobody divides an object.
  return last.text !== ']';
}

function unreadable(source, at, problem) {
  const line = source.slice(0, at).split('\n').length;
  throw new UnreadableError(`line ${line}: ${problem}`);
}

module.exports = { UnreadableError, tokensOf };
