'use strict';

const MOST_QUEUED = 2048;
const MOST_QUEUED_BYTES = 64 * 1024 * 1024;
const MOST_BACKLOG = 2048;
const MOST_BACKLOG_BYTES = 16 * 1024 * 1024;
const LONGEST_COOLDOWN_MS = 600_000;
const MOST_TRANSITIONS = 16;

/**
 * What holds for the books of a host at every moment, in words that say what does not. Each row: the words, and whether it holds.
 * `made` calls of `record` came back with yes; `offered` were begun, the same but for workers that were ended in between.
 */
const LAWS = [
  ['accepted = processed + dropped + queued', ({ entries }) => entries.accepted === entries.processed + total(entries.dropped) + entries.queued],
  ['accepted = calls of record that said yes', ({ entries }, { made, offered }) => entries.accepted >= made && entries.accepted <= offered],
  ['no entry is refused', ({ entries }, { refused }) => entries.rejected === 0 && refused === 0],
  ['the queue is bounded', ({ entries }) => entries.queued <= MOST_QUEUED && entries.queuedBytes <= MOST_QUEUED_BYTES],
  ['exports attempted = delivered + failed', ({ exports }) => exports.attempted === exports.delivered + exports.failed],
  ['the backlog is bounded', ({ exports: { backlog } }) => backlog.requests <= MOST_BACKLOG && backlog.bytes <= MOST_BACKLOG_BYTES],
  ['a cooldown is between nothing and ten minutes', ({ cooldownRemainingMs: left = 0 }) => left >= 0 && left <= LONGEST_COOLDOWN_MS],
  ['transitions are few and in order', ({ transitions }) => transitions.length <= MOST_TRANSITIONS && isChained(transitions)],
  ['the last transition leads to the state', ({ transitions, state }) => transitions.at(-1)?.to === state],
];

/**
 * @param {object} books as a host gives them
 * @returns {string[]} the laws that do not hold, with what was seen
 */
function broken({ status, ...calls }) {
  const { settings: _, ...seen } = status;
  return LAWS.filter(([, holds]) => !holds(status, calls)).map(([law]) => `${law}, but ${JSON.stringify({ ...seen, calls })}`);
}

function isChained(transitions) {
  return transitions.every(({ atMs, from }, i) => i === 0 || (from === transitions[i - 1].to && atMs >= transitions[i - 1].atMs));
}

function total(counts) {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

module.exports = { broken, total };
