'use strict';

/** The width of a usual terminal. */
const COLUMNS = 80;

/**
 * Breaks a text into lines that fit a terminal, between its words. A word that is too long has a line of its own.
 * @param {string} text
 * @param {object} [options]
 * @param {string} [options.first] in front of the first line
 * @param {number} [options.indent] how many spaces stand in front of each further line
 * @returns {string[]}
 */
function wrap(text, { first = '', indent = first.length } = {}) {
  const lines = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = ' '.repeat(indent);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/**
 * The first of some items, and how many more there are.
 * @param {string[]} items
 * @param {number} most
 * @param {string} [hint] behind the number, such as ` (--all shows them)`
 * @returns {string[]}
 */
function cut(items, most, hint = '') {
  return items.length <= most ? items : [...items.slice(0, most), `… and ${items.length - most} more${hint}`];
}

module.exports = { cut, wrap };
