/** Ranges of time: which one is shown, and in which steps. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The most steps that a chart of a range between two times has. */
const MOST_STEPS = 100;
const STEPS = [30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY, 7 * DAY];

/** The ranges that end now. `today` begins at midnight. */
export const PRESETS = {
  '15m': { durationMs: 15 * MINUTE, stepMs: 30_000 },
  '1h': { durationMs: HOUR, stepMs: MINUTE },
  '6h': { durationMs: 6 * HOUR, stepMs: 5 * MINUTE },
  '24h': { durationMs: DAY, stepMs: 15 * MINUTE },
  today: { stepMs: 15 * MINUTE },
  '7d': { durationMs: 7 * DAY, stepMs: 2 * HOUR },
  '30d': { durationMs: 30 * DAY, stepMs: DAY },
  '90d': { durationMs: 90 * DAY, stepMs: DAY },
};

/**
 * @typedef {object} Range
 * @property {number} fromMs the start of its first step
 * @property {number} toMs the end of its last step
 * @property {number} stepMs
 * @property {number[]} times the starts of its steps
 */

/**
 * @param {{preset: string, fromMs?: number, toMs?: number}} choice `custom` has two times
 * @param {number} nowMs
 * @returns {Range}
 */
export function rangeOf({ preset, fromMs, toMs }, nowMs) {
  if (preset === 'custom') return between(fromMs, toMs);
  const { durationMs, stepMs } = PRESETS[preset] ?? PRESETS['24h'];
  const end = stepEnd(nowMs, stepMs);
  return range(durationMs === undefined ? midnight(nowMs) : end - durationMs, end, stepMs);
}

/**
 * @param {number} timeMs
 * @returns {number} the start of its day in local time
 */
export function midnight(timeMs) {
  return new Date(timeMs).setHours(0, 0, 0, 0);
}

/**
 * @param {number} timeMs
 * @param {number} days
 * @returns {number} the start of another day in local time, also if a day between has 23 or 25 hours
 */
export function midnightAfter(timeMs, days) {
  const date = new Date(midnight(timeMs));
  date.setDate(date.getDate() + days);
  return date.getTime();
}

function between(fromMs, toMs) {
  const end = Math.max(toMs, fromMs + MINUTE);
  const stepMs = STEPS.find((step) => (end - fromMs) / step <= MOST_STEPS) ?? STEPS.at(-1);
  const start = stepMs < DAY ? Math.floor(fromMs / stepMs) * stepMs : midnight(fromMs);
  return range(start, start + Math.ceil((end - start) / stepMs) * stepMs, stepMs);
}

/** The end of the step that contains a time. Days begin at midnight in local time. */
function stepEnd(timeMs, stepMs) {
  return stepMs < DAY ? (Math.floor(timeMs / stepMs) + 1) * stepMs : midnightAfter(timeMs, 1);
}

function range(fromMs, toMs, stepMs) {
  const times = Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, index) => fromMs + index * stepMs);
  return { fromMs, toMs, stepMs, times };
}
