'use strict';

const fc = require('fast-check');

/**
 * The smallest part of a list, in order, for which a check still holds. It first looks for one session that is enough,
 * then leaves out ever smaller pieces.
 * @template {{session: number}} T
 * @param {T[]} records the check holds for all of them
 * @param {(part: T[]) => Promise<boolean>} holds the check
 * @returns {Promise<T[]>} the check holds for these, and fails as soon as any one of them is missing
 */
async function smallest(records, holds) {
  const parts = fc.subarray(records);
  let left = await oneSession(records, holds);
  for (let smaller = left; smaller !== undefined; smaller = await firstThat(parts.shrink(left), holds)) left = smaller;
  return left;
}

async function firstThat(candidates, holds) {
  for (const { value } of candidates) {
    if (value.length > 0 && await holds(value)) return value;
  }
  return undefined;
}

/** Most differences show within one session. */
async function oneSession(records, holds) {
  for (const number of new Set(records.map(({ session }) => session))) {
    const alone = records.filter(({ session }) => session === number);
    if (await holds(alone)) return alone;
  }
  return records;
}

module.exports = { smallest };
