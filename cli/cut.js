'use strict';

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

module.exports = { cut };
