'use strict';

/** Control, format, private-use and unassigned characters, halves of characters, and separators of lines and paragraphs. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Makes foreign text safe to print: it cannot move the cursor, hide characters or change the reading direction.
 * @param {string} line one line: a newline is replaced, too
 * @returns {string}
 */
function printable(line) {
  return line.replace(UNSAFE, '\ufffd');
}

module.exports = { printable };
