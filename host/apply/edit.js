'use strict';

const vm = require('node:vm');

const { Code } = require('./code');
const { MARK, PLACES } = require('./places');

/**
 * @typedef {object} Insertion
 * @property {number} at offset of the line above which the text belongs
 * @property {string} text whole lines
 */

/**
 * Finds where the lines of this package belong in one file of the host.
 * @param {string} file path in the host
 * @param {string} source its text
 * @returns {{insertions: Insertion[], problems: string[]}} problems: one line for each place that cannot be used
 */
function editsOf(file, source) {
  let code;
  try {
    compile(source);
    code = new Code(source);
  } catch (error) {
    return { insertions: [], problems: [`${file} cannot be read: ${error.message.split('\n', 1)[0]}`] };
  }
  if (code.uses('otel')) return { insertions: [], problems: [`${file} has a variable "otel" already`] };
  const places = PLACES.filter((place) => place.file === file);
  const results = [...places.map((place) => insertionOf(code, place)), ...unknownTurns(file, code, places)];
  const insertions = results.filter((result) => typeof result !== 'string');
  insertions.sort((one, other) => one.at - other.at);
  return { insertions, problems: results.filter((result) => typeof result === 'string') };
}

/** The turns of a place that nobody looks for would be missing in every sum. */
function unknownTurns(file, code, places) {
  const known = places.filter(({ isTurn }) => isTurn).length;
  const found = code.all('= buildIndexLine (').length;
  return found > known ? [`${file}: buildIndexLine is called ${found} times, and only ${known} of these places are known`] : [];
}

/** @returns {Insertion|string} the problem if the place cannot be used */
function insertionOf(code, { file, what, find }) {
  const found = find(code);
  if (typeof found === 'string') return `${file}: ${what}: ${found}`;
  const { statement, side, lines } = found;
  const at = side === 'above' ? code.lineAbove(statement) : code.lineBelow(statement);
  if (at === undefined) return `${file}: ${what}: other code is on its line`;
  const newline = code.source.includes('\r\n') ? '\r\n' : '\n';
  const first = side === 'above' ? statement : code.statementStart(statement, code.tokens[statement].depth);
  return { at, text: lines.map((line) => `${code.indentOf(first)}${line} ${MARK}${newline}`).join('') };
}

/**
 * @param {string} source
 * @param {Insertion[]} insertions in the order of their offsets
 * @returns {string}
 */
function inserted(source, insertions) {
  let text = '';
  let from = 0;
  for (const insertion of insertions) {
    text += source.slice(from, insertion.at) + insertion.text;
    from = insertion.at;
  }
  return text + source.slice(from);
}

/**
 * Takes the lines of this package out.
 * @param {string} source
 * @returns {string}
 */
function removed(source) {
  return linesOf(source).filter((line) => !isOurs(line)).join('');
}

/** @returns {string[]} the lines of this package, without indentation */
function ownLines(source) {
  return linesOf(source).filter(isOurs).map((line) => line.trim());
}

function isOurs(line) {
  return line.trimEnd().endsWith(MARK);
}

/** @returns {string[]} lines with their line ends */
function linesOf(source) {
  return source.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Throws if Node would not read this file as a module. Nothing of it runs. */
function compile(source) {
  // A module is the body of a function, in which `return` is allowed.
  return new vm.Script(`(function () {${source.replace(/^\ufeff?#!/, '//')}\n})`);
}

module.exports = { compile, editsOf, inserted, linesOf, ownLines, removed };
