'use strict';

/**
 * @param {number} ms Unix milliseconds
 * @param {number} [days] how many days later; negative for earlier
 * @returns {number} when that day begins on this machine. A day can have 23 or 25 hours
 */
function startOfDay(ms, days = 0) {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** @returns {boolean} whether it is a Saturday or a Sunday on this machine */
function isWeekend(ms) {
  return [0, 6].includes(new Date(ms).getDay());
}

module.exports = { isWeekend, startOfDay };
