'use strict';

/**
 * Reads programs in which Codex calls its tools (`tools.exec_command({cmd: "ls"})`). It knows strings, templates, comments and regular
 * expressions, and follows no variables: a call in a loop is one call, and a call through another name of `tools` is none.
 */

/** The longest program that is read, in characters, and the most calls in it. */
const LIMIT = 1_048_576;
const MOST_CALLS = 1000;

/**
 * @param {string} program
 * @returns {{calls: {name: string, texts: string[], hasCommand: boolean}[], strays: {texts: string[], isRenamed: boolean}, texts: string[]}}
 *   the calls in order, each with the texts in its arguments, and whether one of these is a command; the texts outside of calls, and
 *   whether `tools` gets another name; all texts
 */
function callsInProgram(program) {
  if (program.length > LIMIT) return { calls: [], strays: { texts: [], isRenamed: false }, texts: [] };
  const tokens = tokensOf(program);
  const calls = [];
  const inCalls = new Set();
  let isRenamed = false;
  for (const [at, { kind, value }] of tokens.entries()) {
    if (calls.length === MOST_CALLS) break;
    if (kind !== 'name' || value !== 'tools' || isMark(tokens[at - 1], '.')) continue;
    const called = calledAt(tokens, at + 1);
    if (called === undefined) {
      isRenamed ||= !isMark(tokens[at + 1], '.') && !isMark(tokens[at + 1], '[');
      continue;
    }
    const inside = tokensWithin(tokens, called.open);
    for (const token of inside) inCalls.add(token);
    calls.push({ name: called.name, texts: textsIn(inside), hasCommand: inside.some((_, i) => isCommand(inside, i)) });
  }
  return { calls, strays: { texts: textsIn(tokens.filter((token) => !inCalls.has(token))), isRenamed }, texts: textsIn(tokens) };
}

/** @returns {boolean} whether a text can call a tool. Other inputs of the same tool are commands of a shell */
function isProgram(text) {
  return /tools(?:\.|\[|\?\.)/.test(text);
}

/** Whether a text stands at this place as the value of a command. */
function isCommand(tokens, at) {
  const { kind, value } = tokens[at];
  return (kind === 'name' || kind === 'text') && ['cmd', 'command'].includes(value) && isMark(tokens[at + 1], ':') && tokens[at + 2]?.kind === 'text';
}

function textsIn(tokens) {
  return tokens.filter(({ kind }) => kind === 'text').map(({ value }) => value);
}

/** The name behind `tools`, and where the parenthesis of its arguments opens. */
function calledAt(tokens, at) {
  const [first, second, third] = tokens.slice(at, at + 3);
  const isPlain = isMark(first, '.') && second?.kind === 'name';
  const inBrackets = isMark(first, '.') && isMark(second, '[') ? 1 : 0;
  const [open, name, close] = inBrackets ? tokens.slice(at + 1, at + 4) : [first, second, third];
  const isQuoted = isMark(open, '[') && name?.kind === 'text' && isMark(close, ']');
  if (!isPlain && !isQuoted) return undefined;
  const next = isPlain ? at + 2 : at + inBrackets + 3;
  const paren = isMark(tokens[next], '.') ? next + 1 : next;
  return isMark(tokens[paren], '(') ? { name: isPlain ? second.value : name.value, open: paren } : undefined;
}

/** The tokens from a parenthesis to its partner. */
function tokensWithin(tokens, open) {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const { kind, value } = tokens[at];
    if (kind === 'mark' && '([{'.includes(value)) depth += 1;
    if (kind === 'mark' && ')]}'.includes(value)) depth -= 1;
    if (depth === 0) return tokens.slice(open, at);
  }
  return tokens.slice(open);
}

function isMark(token, value) {
  return token?.kind === 'mark' && token.value === value;
}

/** The tokens of a program: names, texts, values and marks. A template is its text without what is computed in it; that comes before. */
function tokensOf(program) {
  const tokens = [];
  const templates = [];
  let depth = 0;
  let at = 0;
  const template = (from, before) => {
    const { text, end, isOpen } = templatePiece(program, from);
    at = end;
    if (isOpen) templates.push({ depth, text: before + text });
    else tokens.push({ kind: 'text', value: before + text });
  };
  while (at < program.length) {
    const character = program[at];
    const found = pieceAt(program, at, tokens.at(-1));
    if (found !== undefined) {
      if (found.kind !== 'space') tokens.push(found);
      at += found.length;
    } else if (character === '`') {
      template(at + 1, '');
    } else if (character === '}' && templates.at(-1)?.depth === depth) {
      template(at + 1, templates.pop().text);
    } else {
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      tokens.push({ kind: 'mark', value: character });
      at += 1;
    }
  }
  return tokens;
}

/** The token at a place, if it is not a mark or a template. White space and comments are one, too. */
function pieceAt(program, at, before) {
  const [spaces] = matchAt(/(?:\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?(?:\*\/|$))+/y, program, at) ?? [];
  if (spaces !== undefined) return { kind: 'space', length: spaces.length };
  const [name] = matchAt(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy, program, at) ?? [];
  if (name !== undefined) return { kind: 'name', value: name, length: name.length };
  const [number] = matchAt(/\d[\w.]*/y, program, at) ?? [];
  if (number !== undefined) return { kind: 'value', length: number.length };
  const [, quote, content] = matchAt(/(["'])((?:\\[^]|(?!\1)[^\\\n\r])*)(?:\1|$)?/y, program, at) ?? [];
  if (quote !== undefined) return { kind: 'text', value: unescaped(content), length: quotedLength(program, at, content) };
  if (program.startsWith('?.', at) && !/\d/.test(program[at + 2] ?? '')) return { kind: 'mark', value: '.', length: 2 };
  const [regex] = canBeRegex(before) ? (matchAt(/\/(?:\\.|\[(?:\\.|[^\]\\\n\r])*\]|[^/\\[\n\r])+\/\w*/y, program, at) ?? []) : [];
  return regex === undefined ? undefined : { kind: 'value', length: regex.length };
}

/** A text that does not end in its line is as long as the line. */
function quotedLength(program, at, content) {
  const end = at + 1 + content.length;
  return content.length + (program[end] === program[at] ? 2 : 1);
}

function templatePiece(program, from) {
  const [piece] = matchAt(/(?:\\[^]|\$(?!\{)|[^\\`$])*/y, program, from);
  const end = from + piece.length;
  const isOpen = program.startsWith('${', end);
  return { text: unescaped(piece), end: end + (isOpen ? 2 : 1), isOpen };
}

/** A slash behind a value divides. */
function canBeRegex(before) {
  if (before === undefined) return true;
  if (before.kind === 'name') return OPERATORS.has(before.value);
  return before.kind === 'mark' && !')]}'.includes(before.value);
}

const OPERATORS = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'do', 'else', 'await', 'yield']);
const ESCAPES = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0', '\n': '', '\r\n': '' };

function unescaped(text) {
  return text.replace(/\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|(\r\n|[^]))/giu, (_, point, unit, byte, other) => {
    const code = Number.parseInt(point ?? unit ?? byte ?? '', 16);
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    return ESCAPES[other] ?? other ?? '';
  });
}

function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

module.exports = { callsInProgram, isProgram };
