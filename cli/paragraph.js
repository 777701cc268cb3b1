'use strict';

/**
 * Breaks a text between its words.
 * @param {string} text
 * @param {number} width of a line, in characters. A longer word gets a line of its own
 * @returns {string[]} lines
 */
function linesWithin(text, width) {
  const lines = [];
  for (const word of text.split(' ').filter((it) => it !== '')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

module.exports = { linesWithin };
