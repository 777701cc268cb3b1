'use strict';

/**
 * The results of calls that a request returns, as the host lists them: those of calls that the turn before made, and others.
 * @param {import('../traffic/random').Random} random
 * @param {string[]} ids of calls of the turn before
 * @returns {object[]|null|undefined} some hosts have none
 */
function resultsOf(random, ids) {
  if (random.chance(0.05)) return random.pick([undefined, null]);
  const others = Array.from({ length: random.int(0, 3) }, () => `toolu_01${random.hex(16)}`);
  const answered = ids.filter(() => !random.chance(0.05));
  return [...answered, ...others].map((callId) => ({
    callId, eligible: random.chance(0.95), toolFail: random.weighted([[false, 8], [true, 2], [undefined, 1]]),
  }));
}

module.exports = { resultsOf };
