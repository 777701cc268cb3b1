'use strict';

const MOST_QUEUED = 2048;
const MOST_QUEUED_BYTES = 64 * 1024 * 1024;
const MOST_BACKLOG = 2048;
const MOST_BACKLOG_BYTES = 16 * 1024 * 1024;
const LONGEST_COOLDOWN_MS = 600_000;
const MOST_TRANSITIONS = 16;

/**
 * What always holds for the counts of a host. Each row has a name and a check. `accepted` calls of `record` returned true; `begun`
 * calls were begun. The two differ only by calls of workers that were terminated.
 */
const INVARIANTS = [
  ['accepted = processed + dropped + queued', ({ entries }) => entries.accepted === entries.processed + total(entries.dropped) + entries.queued],
  ['accepted = calls of record that returned true', ({ entries }, { accepted, begun }) => entries.accepted >= accepted && entries.accepted <= begun],
  ['no entry is rejected', ({ entries }, { rejected }) => entries.rejected === 0 && rejected === 0],
  ['the queue is bounded', ({ entries }) => entries.queued <= MOST_QUEUED && entries.queuedBytes <= MOST_QUEUED_BYTES],
  ['exports attempted = delivered + failed', ({ exports }) => exports.attempted === exports.delivered + exports.failed],
  ['the backlog is bounded', ({ exports: { backlog } }) => backlog.requests <= MOST_BACKLOG && backlog.bytes <= MOST_BACKLOG_BYTES],
  ['a cooldown is between zero and ten minutes', ({ cooldownRemainingMs: left = 0 }) => left >= 0 && left <= LONGEST_COOLDOWN_MS],
  ['transitions are few and in order', ({ transitions }) => transitions.length <= MOST_TRANSITIONS && isChained(transitions)],
  ['the last transition leads to the state', ({ transitions, state }) => transitions.at(-1)?.to === state],
];

/**
 * @param {object} counts see `counts` in host-child.js
 * @returns {string[]} the invariants that do not hold, with the counts
 */
function broken({ status, ...calls }) {
  const { settings: _, ...seen } = status;
  return INVARIANTS.filter(([, holds]) => !holds(status, calls)).map(([name]) => `${name}, but ${JSON.stringify({ ...seen, calls })}`);
}

function isChained(transitions) {
  return transitions.every(({ atMs, from }, i) => i === 0 || (from === transitions[i - 1].to && atMs >= transitions[i - 1].atMs));
}

function total(counts) {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

module.exports = { broken, total };
