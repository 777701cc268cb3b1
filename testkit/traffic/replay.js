'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** The addon's door keeps this many entries and bytes and then drops the oldest; a replay stops well before. */
const PAUSE_ABOVE = { entries: 1024, bytes: 32 * 1024 * 1024 };
const RESUME_BELOW = { entries: 128, bytes: 4 * 1024 * 1024 };

/** How much is handed over between two looks at the queue. */
const LOOK_AFTER = { entries: 64, bytes: 4 * 1024 * 1024 };

const POLL_MS = 2;
const STALLED_MS = 30_000;

/**
 * Hands recorded turns to the addon, no faster than it takes them.
 * @param {AsyncIterable<object>|Iterable<object>} turns `{line, parts}`
 * @param {{record: Function, status: Function}} addon initialised
 * @param {object} [options]
 * @param {() => void} [options.onTurn] called after every turn
 * @param {number} [options.stalledMs] give up when the addon has processed nothing for this long. Default 30000
 * @returns {Promise<{offered: number, refused: number}>} how many turns there were, and for how many `record` said no
 * @throws {Error} when the addon stops taking entries
 */
async function replay(turns, addon, { onTurn = () => {}, stalledMs = STALLED_MS } = {}) {
  let offered = 0;
  let refused = 0;
  let unseen = { entries: 0, bytes: 0 };
  for await (const { line, parts } of turns) {
    offered += 1;
    if (!addon.record(line, parts)) refused += 1;
    unseen.entries += 1;
    unseen.bytes += line.length + (parts?.response?.length ?? 0) + (parts?.request?.length ?? 0);
    if (unseen.entries >= LOOK_AFTER.entries || unseen.bytes >= LOOK_AFTER.bytes) {
      unseen = { entries: 0, bytes: 0 };
      await roomIn(addon, stalledMs);
    }
    onTurn();
  }
  return { offered, refused };
}

async function roomIn(addon, stalledMs) {
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
