'use strict';

/**
 * Lays out rows of cells as lines. Each column is as wide as its widest cell, and two spaces stand between columns.
 * @param {string[][]} rows
 * @param {object} [options]
 * @param {('left'|'right')[]} [options.align] for each column. Default: all to the left
 * @returns {string[]} one line for each row, without spaces at its end
 */
function table(rows, { align = [] } = {}) {
  const widths = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  const padded = (cell, column) => (align[column] === 'right' ? cell.padStart(widths[column]) : cell.padEnd(widths[column]));
  return rows.map((row) => row.map(padded).join('  ').trimEnd());
}

module.exports = { table };
