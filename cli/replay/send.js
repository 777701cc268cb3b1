'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { CommandError, EXIT } = require('../errors');
const { endOf, startOf } = require('./days');

/** How long the delivery of one day may take. */
const FLUSH_MS = 60_000;
/** The addon's queue holds 2048 entries and 64 MiB, then drops the oldest entry. A replay pauses long before that. */
const CHECK_AFTER = { entries: 64, bytes: 4 << 20 };
const PAUSE_ABOVE = { entries: 512, bytes: 16 << 20 };
const POLL_MS = 2;
/** If the addon processes nothing for so long, it has failed. */
const STALLED_MS = 30_000;

/**
 * Sends turns day by day. The addon is started already, with a project of its own.
 * @param {object} addon
 * @param {import('../history/logs').Logs} logs
 * @param {object} plan
 * @param {(string|undefined)[]} plan.days the day of each turn
 * @param {Set<string>} plan.wanted the days to send
 * @param {boolean} plan.isDated whether the data points get the time at which they happened
 * @param {(turns: number, day: string) => void} plan.onTurn
 * @param {(days: string[]) => void} plan.onSent called when the receiver has acknowledged days
 * @returns {Promise<{turns: number, status: object}>} how many turns were recorded, and the status of the addon at the end
 * @throws {CommandError} if the receiver does not take a day
 */
async function sendDays(addon, logs, { days, wanted, isDated, onTurn, onSent }) {
  const [first] = wanted;
  const queue = new Queue(addon);
  let turns = 0;
  let current;
  for (const { line, parts, number } of logs.turns()) {
    const day = days[number];
    if (!wanted.has(day)) continue;
    if (isDated && day !== current) {
      if (current !== undefined) await deliver(addon, [current], onSent);
      addon.dateExports(startOf(first), startOf(day), endOf(day));
    }
    current = day;
    addon.record(line, parts);
    turns += 1;
    onTurn(turns, day);
    await queue.room(line, parts);
  }
  await deliver(addon, isDated ? [current] : [...wanted], onSent);
  return { turns, status: addon.status() };
}

/** Waits until the receiver has acknowledged everything that was recorded. */
async function deliver(addon, days, onSent) {
  if (await addon.flush(FLUSH_MS)) return onSent(days);
  const { exports: { lastError } } = addon.status();
  throw new CommandError(EXIT.FAILING, `${days[0]} was not delivered: ${(lastError ?? 'there was no answer in time').replace(/\.$/, '')}. Earlier days were.`, 'To continue, run the same command again.');
}

/** Waits for room in the addon's queue. */
class Queue {
  #addon;
  #unchecked = { entries: 0, bytes: 0 };

  constructor(addon) {
    this.#addon = addon;
  }

  async room(line, parts) {
    this.#unchecked.entries += 1;
    this.#unchecked.bytes += line.length + (parts.request?.length ?? 0) + (parts.response?.length ?? 0);
    if (this.#unchecked.entries < CHECK_AFTER.entries && this.#unchecked.bytes < CHECK_AFTER.bytes) return;
    this.#unchecked = { entries: 0, bytes: 0 };
    let { entries } = this.#addon.status();
    let movedAt = Date.now();
    while (entries.queued > PAUSE_ABOVE.entries || entries.queuedBytes > PAUSE_ABOVE.bytes) {
      const { processed } = entries;
      await sleep(POLL_MS);
      ({ entries } = this.#addon.status());
      if (entries.processed !== processed) movedAt = Date.now();
      else if (Date.now() - movedAt > STALLED_MS) throw new CommandError(EXIT.FAILING, `The addon has processed nothing for ${STALLED_MS / 1000} s.`);
    }
  }
}

module.exports = { sendDays };
