'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { syntheticDay } = require('../traffic/day');
const { isWeekend, startOfDay } = require('./calendar');
const { recordPeriods } = require('./periods');

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const EARLIER_DAYS = 7;
const OPENS_AT_MS = 9 * HOUR_MS;
/** The page begins in the morning, so that there is something to see. */
const SHOWN_FROM_MS = 11 * HOUR_MS;
const MORNING_STEP_MS = 5 * MINUTE_MS;
const TICK_MS = 1000;
/** A weekend has a tenth of the turns. */
const WEEKEND_SHARE = 0.1;

/** The teams of the projects in the synthetic day. */
const TEAMS = { 'shop-api': 'shop', 'shop-web': 'shop', billing: 'finance', '購物車': 'shop' };

/**
 * Seven synthetic days, and one more that goes by `speed` times as fast as a real one.
 * @param {object} options
 * @param {import('./recorder').Recorder} options.recorder
 * @param {import('../clock').DataClock} options.clock
 * @param {number} options.turns of a working day
 * @param {number} options.seed
 * @param {number} options.speed
 * @param {AbortSignal} options.signal ends it early
 */
async function runSynthetic({ recorder, clock, turns, seed, speed, signal }) {
  const today = startOfDay(Date.now());
  clock.set(today + SHOWN_FROM_MS, 0);
  for (let day = -EARLIER_DAYS; day < 0; day += 1) {
    const startMs = startOfDay(today, day);
    const share = isWeekend(startMs) ? WEEKEND_SHARE : 1;
    const earlier = dayOf({ turns: Math.max(1, Math.round(turns * share)), seed: seed + EARLIER_DAYS + day + 1, startMs });
    await recordPeriods(until(earlier, startOfDay(startMs, 1)), { recorder, signal, endOf: (atMs) => (Math.floor(atMs / HOUR_MS) + 1) * HOUR_MS });
  }
  const rest = dayOf({ turns, seed, startMs: today });
  const shown = today + SHOWN_FROM_MS;
  const next = await recordMorning(rest, { recorder, signal, shown });
  clock.set(shown, speed);
  await play(rest, next, { recorder, clock, signal });
  // The day is over, and its last hours stay on the page.
  clock.set(clock.nowMs, 0);
}

/** Records what happened before `shown`. Returns the first turn after it. */
async function recordMorning(turns, { recorder, signal, shown }) {
  let next = turns.next();
  function* morning() {
    for (; !next.done && next.value.atMs < shown; next = turns.next()) yield next.value;
  }
  await recordPeriods(morning(), { recorder, signal, endOf: (atMs) => (Math.floor(atMs / MORNING_STEP_MS) + 1) * MORNING_STEP_MS });
  return next;
}

/** Records each turn when it ends on the clock. */
async function play(turns, first, { recorder, clock, signal }) {
  for (let next = first; !next.done && !signal.aborted;) {
    await sleep(TICK_MS, undefined, { ref: true });
    const nowMs = clock.nowMs;
    for (; !next.done && next.value.atMs <= nowMs; next = turns.next()) await recorder.record(next.value);
    await recorder.export(nowMs);
  }
}

/** The turns of a day with the time at which each one ended. */
function* dayOf({ turns, seed, startMs }) {
  for (const { line, parts, entry } of syntheticDay({ turns, seed, startMs: startMs + OPENS_AT_MS })) {
    yield { line, parts, directory: entry.cwd, atMs: entry.receivedAt + Number(entry.elapsed) * 1000 };
  }
}

/** What ends before the day does. */
function* until(turns, endMs) {
  for (const turn of turns) {
    if (turn.atMs < endMs) yield turn;
  }
}

module.exports = { TEAMS, runSynthetic };
