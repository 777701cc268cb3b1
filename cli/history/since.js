'use strict';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The time that the user means by `7d`, `12h`, `30m` or a date such as `2026-11-01`, which begins at midnight here.
 * @param {string} text
 * @param {number} nowMs
 * @returns {number|undefined} Unix milliseconds; undefined if it is neither
 */
function timeOf(text, nowMs) {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (unit !== undefined) return nowMs - Number(amount) * UNITS[unit];
  const [, year, month, day] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []).map(Number);
  const date = new Date(year, month - 1, day);
  const isDate = date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day;
  return isDate ? date.getTime() : undefined;
}

module.exports = { timeOf };
