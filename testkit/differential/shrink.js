'use strict';

/**
 * The smallest part of a list, in order, of which something is still true: first what has one session, then ever smaller pieces are left
 * out as long as that changes nothing.
 * @template {{session: number}} T
 * @param {T[]} records of which it is true
 * @param {(part: T[]) => Promise<boolean>} isTrue
 * @returns {Promise<T[]>} of which it is true, and no longer without any one of them
 */
async function smallest(records, isTrue) {
  let left = await oneSession(records, isTrue);
  for (let size = Math.ceil(left.length / 2); size >= 1;) {
    const before = left.length;
    for (let at = 0; at < left.length && left.length > 1;) {
      const without = [...left.slice(0, at), ...left.slice(at + size)];
      if (without.length > 0 && await isTrue(without)) left = without;
      else at += size;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (left.length === before) break;
  }
  return left;
}

/** Most of what goes wrong goes wrong within one session. */
async function oneSession(records, isTrue) {
  for (const number of new Set(records.map(({ session }) => session))) {
    const alone = records.filter(({ session }) => session === number);
    if (await isTrue(alone)) return alone;
  }
  return records;
}

module.exports = { smallest };
