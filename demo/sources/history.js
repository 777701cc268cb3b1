'use strict';

const { startOfDay } = require('./calendar');
const { recordPeriods } = require('./periods');

const HOUR_MS = 3_600_000;
/** So many days are shown by the hour, and those before by the day. */
const HOURLY_DAYS = 8;

/**
 * The history in one's own logs.
 * @param {object} options
 * @param {import('../../cli/history/logs').Logs} options.logs
 * @param {import('./recorder').Recorder} options.recorder
 * @param {(done: number, total: number) => void} options.onTurn
 * @param {AbortSignal} options.signal ends it early
 */
async function runHistory({ logs, recorder, onTurn, signal }) {
  const nowMs = Date.now();
  const hourlyFromMs = startOfDay(nowMs, 1 - HOURLY_DAYS);
  const endOf = (atMs) => Math.min(nowMs, atMs < hourlyFromMs ? startOfDay(atMs, 1) : (Math.floor(atMs / HOUR_MS) + 1) * HOUR_MS);
  await recordPeriods(datedTurns(logs, nowMs, onTurn), { recorder, endOf, signal });
}

/**
 * The turns with the time at which each one ended. The index has them in that order, so time never goes back: a turn that
 * seems to be older, or to be of the future, gets the time of the one before it.
 */
function* datedTurns(logs, nowMs, onTurn) {
  const times = [...logs.times()];
  let atMs = times.find(({ endMs }) => isPast(endMs, nowMs))?.endMs ?? nowMs;
  for (const { line, parts, number } of logs.turns()) {
    const { endMs } = times[number];
    if (isPast(endMs, nowMs) && endMs > atMs) atMs = endMs;
    onTurn(number + 1, logs.total);
    yield { line, parts, atMs, directory: directoryIn(line) };
  }
}

function isPast(endMs, nowMs) {
  return endMs > 0 && endMs <= nowMs;
}

/**
 * @param {string} line of the index
 * @returns {string|undefined} where the agent worked; it only names a project on the page
 */
function directoryIn(line) {
  try {
    const { cwd } = JSON.parse(line);
    return typeof cwd === 'string' ? cwd : undefined;
  } catch {
    // A line that is not JSON is recorded all the same, and counted as malformed.
    return undefined;
  }
}

module.exports = { directoryIn, runHistory };
