'use strict';

const crypto = require('node:crypto');

/** How the last line of the shim begins, which records what `apply` has done. */
const HEAD = '// applied ';

/**
 * @typedef {object} Applied
 * @property {Record<string, {before: string, after: string}>} files digests of each changed file
 * @property {string} shim digest of the shim without this line
 */

/**
 * @param {string} shim text of the shim
 * @param {{file: string, before: string, after: string}[]} changes the texts of the changed files
 * @returns {string} the shim with its record
 */
function withRecord(shim, changes) {
  const files = Object.fromEntries(changes.map(({ file, before, after }) => [file, { before: digest(before), after: digest(after) }]));
  const newline = shim.includes('\r\n') ? '\r\n' : '\n';
  return `${shim}${HEAD}${JSON.stringify({ files, shim: digest(shim) })}${newline}`;
}

/**
 * @param {string} text of a shim
 * @returns {Applied|undefined} undefined if this text is not one of this package
 */
function recordOf(text) {
  const at = text.lastIndexOf(`\n${HEAD}`) + 1;
  if (at === 0) return undefined;
  try {
    const applied = JSON.parse(text.slice(at + HEAD.length));
    const isWhole = typeof applied.shim === 'string' && Object.values(applied.files).every(({ before, after }) => typeof before === 'string' && typeof after === 'string');
    return isWhole ? { ...applied, isUnchanged: digest(text.slice(0, at)) === applied.shim } : undefined;
  } catch {
    // Not JSON, or JSON of another shape: somebody else's file.
    return undefined;
  }
}

/** @returns {string} a digest of a text */
function digest(text) {
  return crypto.createHash('sha256').update(text).digest('hex');
}

module.exports = { digest, recordOf, withRecord };
