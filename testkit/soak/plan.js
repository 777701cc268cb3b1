'use strict';

const { Random } = require('../../demo/traffic/random');

/** The faults of the collector, and the weight with which each is drawn. */
const FAULTS = [
  ['refuses', 3], ['hangs', 3], ['hangsWithinAnswer', 2], ['drips', 2], ['resets', 3], ['500', 3], ['503', 3], ['429', 2],
  ['429 and an hour', 0.5], ['partialSuccess', 2], ['garbage', 2], ['100 MB', 1], ['redirects', 2],
];

/** The disturbances of the hosts within a phase, and the weight with which each is drawn. */
const DISTURBANCES = [['stop', 3], ['disk', 3], ['worker', 4], ['questions', 5]];

const PHASE_SECONDS = [5, 20];
/** Too short for five failures in a row, so that the circuit stays closed. */
const BRIEF_SECONDS = [1, 4];
const BRIEF_SHARE = 0.5;
const HEALTHY_SHARE = 0.4;
const DISTURBED_SHARE = 0.6;

/**
 * The phases of a soak, one after the other and without end. The same seed gives the same phases.
 * @param {number} seed any whole number
 * @yields {{collector: string, forMs: number, disturbance?: {kind: string, afterMs: number}}} the first one is healthy; sometimes
 *   several healthy phases follow each other, long enough for an open circuit to close
 */
function* phases(seed) {
  const random = new Random(seed);
  for (let at = 0; ; at += 1) {
    // All values are drawn even if they are not used, so that later phases do not depend on earlier ones.
    const [isHealthy, fault, kind, isDisturbed] = [random.chance(HEALTHY_SHARE), random.weighted(FAULTS), random.weighted(DISTURBANCES), random.chance(DISTURBED_SHARE)];
    const [seconds, brief, isBrief, afterMs] = [random.int(...PHASE_SECONDS), random.int(...BRIEF_SECONDS), random.chance(BRIEF_SHARE), random.int(500, 2500)];
    const collector = at === 0 || isHealthy ? 'healthy' : fault;
    const phase = { collector, forMs: (collector !== 'healthy' && isBrief ? brief : seconds) * 1000 };
    yield isDisturbed ? { ...phase, disturbance: { kind, afterMs } } : phase;
  }
}

/**
 * The phases of a soak of that length. The last one is shortened.
 * @returns {object[]} as `phases` yields them
 */
function phasesOf(seed, lengthMs) {
  const out = [];
  let left = lengthMs;
  for (const phase of phases(seed)) {
    if (left <= 0) return out;
    out.push({ ...phase, forMs: Math.min(phase.forMs, left) });
    left -= phase.forMs;
  }
  return out;
}

module.exports = { phases, phasesOf, FAULTS, DISTURBANCES };
