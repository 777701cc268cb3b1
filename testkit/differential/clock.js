'use strict';

const { timeFields } = require('../../demo/traffic/clock');

/**
 * Sets the times of events and of the entry. Sometimes they have none, or a clock was wrong.
 * @param {import('../traffic/random').Random} random
 * @param {number} at arrival of the request, Unix milliseconds
 * @param {object[]} events changed in place
 * @returns {object} the entry's time fields
 */
function timed(random, at, events) {
  const doneAt = at + random.int(300, 90_000);
  const from = random.chance(0.01) ? at - 5000 : at + random.int(0, 200);
  const hasTimes = !random.chance(0.02);
  for (const [i, event] of events.entries()) {
    if (hasTimes) Object.assign(event, { _ts: Math.round(from + ((doneAt - from) * (i + 1)) / (events.length + 1)) });
  }
  const fields = timeFields(at, doneAt);
  if (random.chance(0.01)) fields.elapsed = random.pick([null, '']);
  if (random.chance(0.01)) delete fields.receivedAt;
  return fields;
}

module.exports = { timed };
