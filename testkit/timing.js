'use strict';

/*
 * Measures calls in batches, because reading the clock costs as much as the cheapest call that is measured.
 */

const { setImmediate: nextTurn } = require('node:timers/promises');

/**
 * One thing to measure.
 *
 * @typedef {object} Arm
 * @property {string} name unique
 * @property {(index: number) => unknown} call one call; `index` counts up, to walk through a pool
 * @property {number} calls how many calls make a batch
 * @property {() => Promise<void>} [settle] waits for work that must end before the next arm starts
 */

/**
 * @typedef {object} Summary
 * @property {number} median microseconds per call
 * @property {number} p99 microseconds per call, of the batches
 * @property {number} min microseconds per call
 * @property {number} batches
 * @property {number} calls per batch
 */

/**
 * Runs the arms in turns (A B C, B C A, C A B, ...), so that other load on the machine affects all of them.
 *
 * @param {Arm[]} arms
 * @param {{rounds: number, warmup?: number}} options rounds to measure, and rounds before them that are not counted
 * @returns {Promise<Record<string, Summary>>} by the arm's name
 */
async function interleave(arms, { rounds, warmup = Math.ceil(rounds / 10) }) {
  const samples = new Map(arms.map((arm) => [arm.name, []]));
  for (let round = -warmup; round < rounds; round += 1) {
    for (let step = 0; step < arms.length; step += 1) {
      const arm = arms[(step + Math.max(round, 0)) % arms.length];
      // The next arm must not pay for the garbage of this one.
      globalThis.gc?.({ type: 'minor' });
      const micros = timeBatch(arm);
      await arm.settle?.();
      await nextTurn();
      if (round >= 0) samples.get(arm.name).push(micros);
    }
  }
  return Object.fromEntries(arms.map(({ name, calls }) => [name, { ...summary(samples.get(name)), calls }]));
}

/**
 * @param {number[]} samples at least one
 * @returns {{median: number, p99: number, min: number, batches: number}}
 */
function summary(samples) {
  const sorted = Float64Array.from(samples);
  sorted.sort();
  return { median: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), min: sorted[0], batches: sorted.length };
}

/** @returns {number} the median of the samples, at least one */
function median(samples) {
  return summary(samples).median;
}

/** @returns {number} the time between two consecutive readings of the clock, in microseconds */
function clockCost() {
  const samples = [];
  for (let i = 0; i < 2000; i += 1) {
    const start = process.hrtime.bigint();
    samples.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return median(samples);
}

function timeBatch({ call, calls }) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i += 1) call(i);
  return Number(process.hrtime.bigint() - start) / 1000 / calls;
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

module.exports = { interleave, summary, median, clockCost };
