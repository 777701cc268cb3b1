'use strict';

const { WIDTH, wrap } = require('./wrap');

/** The last column is not made narrower than this. */
const MIN_LAST = 24;

/**
 * Lays out rows of cells as lines. Each column is as wide as its widest cell, and two spaces stand between columns.
 * @param {string[][]} rows
 * @param {object} [options]
 * @param {('left'|'right')[]} [options.align] for each column. Default: all to the left
 * @param {boolean} [options.isWrapped] whether the last cell of a row continues on further lines, so that they fit on
 *   a terminal
 * @returns {string[]} lines without spaces at their ends
 */
function table(rows, { align = [], isWrapped = false } = {}) {
  const widths = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  const padded = (cell, column) => (align[column] === 'right' ? cell.padStart(widths[column]) : cell.padEnd(widths[column]));
  if (!isWrapped) return rows.map((row) => row.map(padded).join('  ').trimEnd());
  return rows.flatMap((row) => {
    const before = row.slice(0, -1).map((cell, column) => `${padded(cell, column)}  `).join('');
    const [first, ...rest] = wrap(row.at(-1), { width: Math.max(MIN_LAST, WIDTH - before.length) });
    return [(before + first).trimEnd(), ...rest.map((line) => ' '.repeat(before.length) + line)];
  });
}

module.exports = { table };
