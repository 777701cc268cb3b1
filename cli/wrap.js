'use strict';

/** The width of a terminal that every user has, in characters. */
const WIDTH = 80;

/**
 * Breaks a line between words. A word that is longer than the width stays whole, so that a path can be copied.
 * @param {string} line
 * @param {number} [width] in characters
 * @returns {string[]} at least one line. Spaces at the beginning are repeated
 */
function wrap(line, width = WIDTH) {
  const [indent] = /^ */.exec(line);
  const lines = [];
  let current = '';
  for (const word of line.slice(indent.length).split(/ +/)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && indent.length + longer.length > width) {
      lines.push(indent + current);
      current = word;
    } else {
      current = longer;
    }
  }
  return [...lines, indent + current];
}

module.exports = { WIDTH, wrap };
