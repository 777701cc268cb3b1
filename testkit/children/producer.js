'use strict';

const addon = require('../..');
const { ENTRIES, NOT_ENTRIES } = require('../entries/every-kind');
const { Random } = require('../../demo/traffic/random');
const { sleep } = require('../waiting');

/** A pause after that many entries lets the worker catch up, so that the queue is sometimes full and sometimes empty. */
const PAUSE_EVERY = 1500;

/**
 * Records `count` entries of all kinds in an order that depends only on the seed, and checks the addon's counts after each.
 * @param {object} options
 * @param {number} options.seed
 * @param {number} options.count
 * @returns {Promise<{recorded: number, accepted: number, rejected: number, garbage: number, checks: number, wrong: object[], maxRss: number}>}
 *   `wrong` are counts with accepted ≠ processed + dropped + queued, or beyond the bounds of the queue
 */
async function produce({ seed, count }) {
  const random = new Random(seed);
  const counts = { recorded: 0, accepted: 0, rejected: 0, garbage: 0, checks: 0, wrong: [], maxRss: 0 };
  for (let i = 0; i < count; i += 1) {
    if (random.chance(0.05)) {
      if (addon.record(random.pick(NOT_ENTRIES)())) throw new Error('the addon accepted a value that is not an entry');
      counts.garbage += 1;
    }
    const { make, parts } = random.weighted(KINDS);
    counts.recorded += 1;
    counts[addon.record(make(), parts?.()) ? 'accepted' : 'rejected'] += 1;
    check(counts);
    if (i % PAUSE_EVERY === 0) await sleep(20);
  }
  return counts;
}

function check(counts) {
  const { entries } = addon.status();
  const dropped = Object.values(entries.dropped).reduce((sum, one) => sum + one, 0);
  counts.checks += 1;
  if (entries.accepted !== entries.processed + dropped + entries.queued && counts.wrong.length < 10) counts.wrong.push(entries);
  if (entries.queued > MAX_ENTRIES || entries.queuedBytes > MAX_BYTES) counts.wrong.push(entries);
  if (counts.checks % 20 === 0) counts.maxRss = Math.max(counts.maxRss, process.memoryUsage.rss());
}

const KINDS = ENTRIES.map((kind) => [kind, kind.weight]);
/** The bounds of the queue, and what two other threads may be enqueuing. */
const MAX_ENTRIES = 2048 + 3;
const MAX_BYTES = (64 + 3 * 2) * 1024 * 1024;

module.exports = { produce };
