'use strict';

/** @returns {Promise<void>} after so many milliseconds */
function sleep(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/**
 * Looks every few milliseconds until `condition` holds.
 * @template T
 * @param {() => T} look
 * @param {(seen: T) => boolean} condition
 * @param {number} [withinMs]
 * @returns {Promise<T>} what was seen then
 * @throws {Error} with what was seen last, when the time is over
 */
async function eventually(look, condition, withinMs = 8000) {
  const until = Date.now() + withinMs;
  for (;;) {
    const seen = look();
    if (condition(seen)) return seen;
    if (Date.now() > until) throw new Error(`it did not get there: ${JSON.stringify(seen)}`);
    await sleep(5);
  }
}

module.exports = { sleep, eventually };
