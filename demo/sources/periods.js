'use strict';

/**
 * Records turns and exports them at the end of each period in which there are any.
 * @param {AsyncIterable<object>|Iterable<object>} turns in the order of their ends, each with `atMs`
 * @param {object} options
 * @param {import('./recorder').Recorder} options.recorder
 * @param {(atMs: number) => number} options.endOf the end of the period that a time is in
 * @param {AbortSignal} options.signal ends it early
 */
async function recordPeriods(turns, { recorder, endOf, signal }) {
  let end;
  for await (const turn of turns) {
    if (signal.aborted) return;
    if (end !== undefined && turn.atMs >= end) {
      await recorder.export(end - 1);
      end = undefined;
    }
    end ??= endOf(turn.atMs);
    await recorder.record(turn);
  }
  if (end !== undefined) await recorder.export(end - 1);
}

module.exports = { recordPeriods };
