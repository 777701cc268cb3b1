'use strict';

/** @returns {Promise<void>} resolves after that many milliseconds */
function sleep(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/**
 * Calls `look` every few milliseconds until `condition` holds for its result.
 * @template T
 * @param {() => T} look
 * @param {(seen: T) => boolean} condition
 * @param {number} [withinMs] Default: 8000
 * @returns {Promise<T>} the result for which it holds
 * @throws {Error} with the last result, after `withinMs`
 */
async function eventually(look, condition, withinMs = 8000) {
  const until = Date.now() + withinMs;
  for (;;) {
    const seen = look();
    if (condition(seen)) return seen;
    if (Date.now() > until) throw new Error(`the condition did not hold in time: ${JSON.stringify(seen)}`);
    await sleep(5);
  }
}

module.exports = { sleep, eventually };
