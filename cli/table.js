'use strict';

/**
 * Lays rows of cells out as lines. Each column is as wide as its widest cell, and two spaces stand between columns.
 * @param {string[][]} rows all with the same number of cells
 * @param {object} [options]
 * @param {number[]} [options.right] columns that are aligned to the right, such as numbers. Default: none
 * @returns {string[]} one line for each row, without spaces at its end
 */
function columns(rows, { right = [] } = {}) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const padded = (cell, column) => (right.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]));
  return rows.map((row) => row.map(padded).join('  ').trimEnd());
}

module.exports = { columns };
