'use strict';

/** ccxray writes ids and times in the time of Taipei, in whatever time zone it runs. */
const TAIPEI_OFFSET_MS = 8 * 3600 * 1000;

/**
 * The time fields of an entry.
 * @param {number} receivedAt arrival of the request, Unix milliseconds
 * @param {number} doneAt end of the response, Unix milliseconds
 * @returns {{id: string, ts: string, receivedAt: number, elapsed: string, localDate: string, tz: string}} `id` has
 *   millisecond resolution and is therefore not unique; `elapsed` is a string of seconds with one decimal
 */
function timeFields(receivedAt, doneAt) {
  const wall = new Date(receivedAt + TAIPEI_OFFSET_MS).toISOString();
  return {
    id: wall.slice(0, 23).replace(/[:.]/g, '-'),
    ts: new Date(doneAt + TAIPEI_OFFSET_MS).toISOString().slice(11, 19),
    receivedAt,
    elapsed: ((doneAt - receivedAt) / 1000).toFixed(1),
    localDate: wall.slice(0, 10),
    tz: 'Asia/Taipei',
  };
}

/**
 * Timestamps for `count` events between two times, in order, in whole milliseconds.
 * @returns {number[]}
 */
function spread(count, fromMs, toMs) {
  const step = count > 1 ? (toMs - fromMs) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => Math.round(fromMs + i * step));
}

module.exports = { timeFields, spread };
