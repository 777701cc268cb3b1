'use strict';

const DAY_MS = 86_400_000;

/**
 * @param {number} ms Unix milliseconds
 * @returns {string} the day in UTC, such as `2026-11-01`
 */
function dayOf(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

/** @returns {number} when a day begins, in Unix milliseconds */
function startOf(day) {
  return Date.parse(`${day}T00:00:00Z`);
}

/** @returns {number} when a day ends, in Unix milliseconds */
function endOf(day) {
  return startOf(day) + DAY_MS;
}

/**
 * Gives each turn of an index a day. The index has the turns in the order in which they ended, so days never go back: a turn
 * that seems to be older, or to be of the future, belongs to the day of the turn before it.
 * @param {Iterable<{endMs?: number}>} turns
 * @param {number} nowMs
 * @returns {(string|undefined)[]} undefined in front of the first turn with a time
 */
function daysOf(turns, nowMs) {
  let day;
  return Array.from(turns, ({ endMs }) => {
    const own = endMs >= 0 && endMs <= nowMs ? dayOf(endMs) : undefined;
    if (own !== undefined && (day === undefined || own > day)) day = own;
    return day;
  });
}

module.exports = { dayOf, daysOf, endOf, startOf };
