'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** The addon's queue holds 2048 entries and 64 MiB, then drops the oldest entry. A replay pauses long before that. */
const PAUSE_ABOVE = { entries: 1024, bytes: 32 * 1024 * 1024 };
const RESUME_BELOW = { entries: 128, bytes: 4 * 1024 * 1024 };

/** How much is recorded between two checks of the queue. */
const CHECK_AFTER = { entries: 64, bytes: 4 * 1024 * 1024 };

const POLL_MS = 2;
const STALLED_MS = 30_000;

/**
 * Records turns no faster than the addon processes them.
 * @param {AsyncIterable<object>|Iterable<object>} turns `{line, parts}`
 * @param {{record: Function, status: Function}} addon initialised
 * @param {object} [options]
 * @param {() => void} [options.onTurn] called after every turn
 * @param {number} [options.stalledMs] after so long without a processed entry it gives up. Default: 30,000
 * @returns {Promise<{recorded: number, rejected: number}>} how many turns were recorded, and for how many `record`
 *   returned false
 * @throws {Error} if the addon stops processing entries
 */
async function replay(turns, addon, { onTurn = () => {}, stalledMs = STALLED_MS } = {}) {
  let recorded = 0;
  let rejected = 0;
  let unchecked = { entries: 0, bytes: 0 };
  for await (const { line, parts } of turns) {
    recorded += 1;
    if (!addon.record(line, parts)) rejected += 1;
    unchecked.entries += 1;
    unchecked.bytes += line.length + (parts?.response?.length ?? 0) + (parts?.request?.length ?? 0);
    if (unchecked.entries >= CHECK_AFTER.entries || unchecked.bytes >= CHECK_AFTER.bytes) {
      unchecked = { entries: 0, bytes: 0 };
      await roomInQueue(addon, stalledMs);
    }
    onTurn();
  }
  return { recorded, rejected };
}

async function roomInQueue(addon, stalledMs) {
  let { entries } = addon.status();
  if (entries.queued <= PAUSE_ABOVE.entries && entries.queuedBytes <= PAUSE_ABOVE.bytes) return;
  let processed = entries.processed;
  let movedAt = Date.now();
  while (entries.queued > RESUME_BELOW.entries || entries.queuedBytes > RESUME_BELOW.bytes) {
    await sleep(POLL_MS);
    ({ entries } = addon.status());
    if (entries.processed !== processed) {
      processed = entries.processed;
      movedAt = Date.now();
    } else if (Date.now() - movedAt > stalledMs) {
      throw new Error(`the addon has processed nothing for ${stalledMs} ms with ${entries.queued} entries waiting`);
    }
  }
}

module.exports = { replay };
