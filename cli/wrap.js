'use strict';

/** The width of a terminal that every user has, in characters. */
const WIDTH = 80;

/**
 * Breaks a text into lines between its words. A word that is longer than a line stays whole, so that a path can be copied.
 * @param {string} text
 * @param {object} [options]
 * @param {string} [options.first] in front of the first line. Default: the spaces at the beginning of the text
 * @param {number} [options.indent] how many spaces stand in front of each further line. Default: as wide as `first`
 * @param {number} [options.width] of a line, in characters
 * @returns {string[]} at least one line
 */
function wrap(text, { first = /^ */.exec(text)[0], indent = first.length, width = WIDTH } = {}) {
  const lines = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.trimStart().split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

module.exports = { WIDTH, wrap };
