'use strict';

const { Random } = require('../traffic/random');

/** What a collector becomes that is no help, and how common it is. */
const FAULTS = [
  ['refuses', 3], ['hangs', 3], ['hangsWithinAnswer', 2], ['drips', 2], ['resets', 3], ['500', 3], ['503', 3], ['429', 2],
  ['429 and an hour', 0.5], ['partialSuccess', 2], ['garbage', 2], ['100 MB', 1], ['redirects', 2],
];

/** What else happens to the hosts within a phase, and how common it is. */
const DISTURBANCES = [['stop', 3], ['disk', 3], ['worker', 4], ['questions', 5]];

const PHASE_SECONDS = [5, 20];
/** Too short for five failures in a row: the circuit stays closed, and what failed is made up for at once. */
const BRIEF_SECONDS = [1, 4];
const BRIEF_SHARE = 0.5;
const WELL_SHARE = 0.4;
const DISTURBED_SHARE = 0.6;

/**
 * What happens in a soak, one phase after the other and without end. The same seed gives the same phases.
 * @param {number} seed any whole number
 * @yields {{collector: string, forMs: number, disturbance?: {kind: string, afterMs: number}}} the first one is well, so that there is
 *   something to fall from; well phases follow each other now and then, so that a circuit that is open finds somebody at home
 */
function* phases(seed) {
  const random = new Random(seed);
  for (let at = 0; ; at += 1) {
    // All of it is drawn whether it is needed or not: what comes later must not depend on that.
    const [isWell, fault, kind, isDisturbed] = [random.chance(WELL_SHARE), random.weighted(FAULTS), random.weighted(DISTURBANCES), random.chance(DISTURBED_SHARE)];
    const [seconds, brief, isBrief, afterMs] = [random.int(...PHASE_SECONDS), random.int(...BRIEF_SECONDS), random.chance(BRIEF_SHARE), random.int(500, 2500)];
    const collector = at === 0 || isWell ? 'well' : fault;
    const phase = { collector, forMs: (collector !== 'well' && isBrief ? brief : seconds) * 1000 };
    yield isDisturbed ? { ...phase, disturbance: { kind, afterMs } } : phase;
  }
}

/**
 * The phases of a soak of that length; the last one is cut.
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
