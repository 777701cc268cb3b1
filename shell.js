'use strict';

/**
 * Writes one word of a shell's command.
 * @param {string} word
 * @returns {string}
 */
function quoted(word) {
  if (process.platform === 'win32') return /^[\w.:\\/-]*$/.test(word) ? word : `"${word}"`;
  return /^[\p{Alphabetic}\p{N}\-_./]*$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

module.exports = { quoted };
