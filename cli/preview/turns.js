'use strict';

/** So often the progress is shown. */
const SHOWN_EVERY_MS = 100;
/** The clock is read once for so many turns. */
const TURNS_PER_LOOK = 64;

/**
 * Adds the turns of the logs to a dry run.
 * @param {object} dryRun as the addon returns it
 * @param {import('../history/logs').Logs} logs
 * @param {object} [options]
 * @param {import('../terminal').Terminal} [options.terminal] shows the progress
 * @param {number} [options.withinMs] stops after this time
 * @returns {number} how many turns were added
 */
function addTurns(dryRun, logs, { terminal, withinMs = Infinity } = {}) {
  const started = Date.now();
  let shown = 0;
  let added = 0;
  for (const { line, parts } of logs.turns()) {
    dryRun.add(line, parts);
    added += 1;
    if (added % TURNS_PER_LOOK !== 0) continue;
    const now = Date.now();
    if (now - started > withinMs) break;
    if (now - shown < SHOWN_EVERY_MS) continue;
    shown = now;
    terminal?.progress(`Reading your logs: ${added} of ${logs.total} turns`);
  }
  terminal?.progress('');
  return added;
}

module.exports = { addTurns };
