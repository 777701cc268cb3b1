'use strict';

const { on, onGrpc } = require('../notice');

/** Secrets of the config, which must appear nowhere. */
const SECRETS = ['qu3ry', 'h3ader'];

/** How long a shutdown may take, and what a loaded machine may add to it. */
const EXIT_LIMIT_MS = 2000 + 700;
/** By how much memory may grow within seconds: buffers of the addon, and memory that Node has not released yet. */
const GROWTH_LIMIT = 48 * 1024 * 1024;
/** How long one call may take, without the time in which the thread waits for a processor. */
const CALL_LIMIT_US = 250_000;

/**
 * The problems of a trial, whatever its trouble was.
 * @param {object} seen plain data; see `trial.js`
 * @returns {string[]} sentences
 */
function problemsOf(seen) {
  return [...slowness(seen), ...leaks(seen), ...inconsistencies(seen.status), ...contradictions(seen), ...wrongEnd(seen)];
}

function slowness({ latency, cost, usualCost, grown, row }) {
  const { on: withIt, off: without } = latency;
  const limit = { call: 4 * usualCost.median + 20, median: 2 * without.median + 2, p99: 3 * without.p99 + (row.slackMs ?? 50) };
  return sentences([
    [cost.count < 100, `record was called only ${cost.count} times`, !row.isShort],
    [cost.median > limit.call, `record took ${cost.median} us, and ${usualCost.median} us without trouble`],
    [cost.max > CALL_LIMIT_US + cost.waited, `one call of record took ${cost.max} us`],
    [withIt.median > limit.median, `requests took ${withIt.median} ms, and ${without.median} ms without the addon`],
    [withIt.p99 > limit.p99, `some requests took ${withIt.p99} ms, and ${without.p99} ms without the addon`],
    [grown > (row.growth ?? GROWTH_LIMIT), `memory grew by ${grown} bytes`],
  ]);
}

function leaks({ status, snapshot, log, ending, isLeft, row }) {
  const outputs = { status, snapshot, log, stderr: ending.stderr, final: ending.final };
  const leaking = Object.keys(outputs).filter((name) => SECRETS.some((secret) => JSON.stringify(outputs[name])?.includes(secret)));
  return sentences([[leaking.length > 0, `a secret is in ${leaking}`], [isLeft, 'the status file still exists', row.canWrite]]);
}

/** Checks of a status that hold whatever happened. */
function inconsistencies(status) {
  const { state, exports, transitions, cooldownRemainingMs, lastHour, lastDay, entries } = status;
  const lost = sum(entries.dropped);
  const recent = { delivered: exports.delivered, failed: exports.failed, dropped: sum(exports.dropped), droppedByReason: withoutZeros(exports.dropped), accepted: entries.accepted, processed: entries.processed, lost, lostByReason: withoutZeros(entries.dropped) };
  const isJoined = transitions.every(({ from }, i) => from === (transitions[i - 1]?.to ?? 'disabled'));
  const isInOrder = transitions.every(({ atMs }, i) => atMs >= (transitions[i - 1]?.atMs ?? 0));
  return sentences([
    [entries.accepted !== entries.processed + lost + entries.queued, `the counts do not add up: ${JSON.stringify(entries)}`],
    [exports.attempted !== exports.delivered + exports.failed, `exports were neither delivered nor failed: ${JSON.stringify(exports)}`],
    [!isJoined || transitions.at(-1)?.to !== state, `the transitions do not lead to ${state}: ${JSON.stringify(transitions)}`],
    [!isInOrder || transitions.some(({ reason }) => !reason), `a transition has no time or no reason: ${JSON.stringify(transitions)}`],
    [state === 'circuit_open' && cooldownRemainingMs === undefined, 'the circuit is open without a remaining cooldown'],
    [cooldownRemainingMs < 0 || cooldownRemainingMs > 600_000, `the cooldown is ${cooldownRemainingMs} ms`],
    [!same(lastHour, recent) || !same(lastDay, recent), `the last hour or day misses counts: ${JSON.stringify({ lastHour, lastDay, recent })}`],
  ]);
}

/** Where the files and the status disagree. */
function contradictions({ status, snapshot, log, row, ending }) {
  const { transitions = ['disabled', 'active'], canWrite } = row;
  const went = ['disabled', ...status.transitions.map(({ to }) => to)];
  const found = [[transitions !== null && !same(went, transitions), `it went ${went.join(' -> ')}`]];
  if (!canWrite) return sentences(found);
  const logged = log.filter(({ event }) => event === 'transition').map(({ to }) => to);
  const wentInTheEnd = ending.final?.status.transitions.map(({ to }) => to);
  const kept = snapshot?.projects?.[0];
  return sentences([
    ...found,
    [!same(logged, wentInTheEnd), `the log has transitions to ${logged}`],
    [log.some(({ time, pid }) => !RFC_3339.test(time) || !Number.isInteger(pid)), 'a line of the log has no time or no process'],
    [kept?.state !== status.state, `the status file has ${kept?.state}, and the status ${status.state}`],
    [(kept?.exports?.lastError ?? undefined) !== status.exports.lastError, `the status file has the error ${kept?.exports?.lastError}`],
    [status.files.lost > 0, `${status.files.lost} lines were lost: ${status.files.lastError}`],
  ]);
}

function wrongEnd({ ending, made, row }) {
  const { code, elapsedMs, stderr, final } = ending;
  if (final === undefined) return [`it ended with ${code ?? ending.signal} without a final state`];
  const { entries, transitions } = final.status;
  const { attempted, accepted } = final.recorded;
  return sentences([
    [code !== 0, `it ended with ${code ?? ending.signal}`],
    [elapsedMs > EXIT_LIMIT_MS, `the exit took ${elapsedMs} ms`],
    [stderr !== (row.isGrpc ? onGrpc : on)(row.endpoint), `standard error has ${JSON.stringify(stderr)}`],
    [entries.queued !== 0 || entries.queuedBytes !== 0, `${entries.queued} entries are still queued in the end`],
    [entries.accepted !== entries.processed + sum(entries.dropped), `the counts do not add up in the end: ${JSON.stringify(entries)}`],
    [[entries.accepted, attempted, accepted].some((count) => count !== made), `${made} turns were made; record accepted ${accepted} of ${attempted}, the status has ${entries.accepted}`],
    [sum(entries.dropped) > 0, `entries were dropped: ${JSON.stringify(entries.dropped)}`, !row.loses],
    [!same(pick(transitions.at(-1), ['to', 'reason']), { to: 'disabled', reason: 'shut down' }), `it ended as ${JSON.stringify(transitions.at(-1))}`],
  ]);
}

/** The sentences of rows `[isProblem, sentence, matters]`. */
function sentences(rows) {
  return rows.filter(([isProblem, , matters = true]) => isProblem && matters).map(([, sentence]) => sentence);
}

/** The counts that are not zero. */
function withoutZeros(counts) {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

function sum(counts) {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

function pick(object = {}, keys) {
  return Object.fromEntries(keys.map((key) => [key, object[key]]));
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

module.exports = { problemsOf, SECRETS };
