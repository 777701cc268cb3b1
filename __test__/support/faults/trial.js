'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { summary } = require('../../../bench/timing');
const { on } = require('../notice');
const { sleep } = require('../surface-wait');
const { switchedOn } = require('./host');

/** Secrets of the config, which no word of the addon may hold. */
const SECRETS = ['qu3ry', 'h3ader'];
const [QUERY, HEADER] = SECRETS;

/** What an exit may take, and what a loaded machine may add to it. */
const EXIT_LIMIT_MS = 2000 + 700;
/** What memory may grow by within seconds: the addon's own buffers, and what Node has not yet given back. */
const GROWTH_LIMIT = 48 * 1024 * 1024;
/** One call may meet a collection of garbage or lose its processor, but never waits. */
const CALL_LIMIT_US = 250_000;
/** Between two pairs of requests, so that the traffic leaves the machine something. */
const PAUSE_MS = 2;

/** `env` with an endpoint that has a secret wherever there is a place for one. */
function withSecrets(endpoint, env = {}) {
  return switchedOn(`${endpoint}/?token=${QUERY}`, { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${HEADER}`, ...env });
}

/**
 * Runs a host through some trouble, beside one without the addon, and holds it to everything that must be so whatever
 * the trouble is: calls of `record` cost what they always cost, requests are answered as fast as ever, memory stays,
 * the books agree with each other and with the files, no secret is told, and the exit is in time.
 * @param {object} stage see `stage.js`
 * @param {object} row
 * @param {string} row.endpoint where it exports to
 * @param {object} [row.options] for `launchHost`, beside what switches it on
 * @param {(host: Host) => Promise<number|void>} row.trouble resolves to how many turns the host made beside the requests
 * @param {boolean} [row.still] no requests before the trouble is over, for a host that stands still in it
 * @param {number} [row.requests] at least so many to each of the two
 * @param {object} row.expected how the status is after the trouble, as for `toMatchObject`
 * @param {string[]} [row.transitions] the states that it went through, the first one being `disabled`
 * @param {string[]} [row.classes] of the failures in the log, each once; `null`: files cannot be written
 * @param {number} [row.growth] what memory may grow by, bytes
 * @param {boolean} [row.loses] entries may be dropped
 * @param {(host: Host, status: object) => Promise<void>} [row.after] more to be looked at before the end
 * @returns {Promise<{status: object, ending: Ending}>} how it stood after the trouble, and in the end
 */
async function trial(stage, row) {
  const { endpoint, options, trouble, still = false, requests = 200, classes = [], after } = row;
  const host = await stage.host({ ...options, env: withSecrets(endpoint, options?.env) });
  const { off, wellCost } = stage.beside;
  const traffic = new Traffic(host, off);
  await traffic.run({ pairs: 50 });
  const rss = await rssOf(host);
  await host.ask('cost', { reset: true });

  traffic.forget();
  const over = trouble(host);
  if (still) await over;
  const [driven = 0] = await Promise.all([over, traffic.run({ pairs: requests, until: over })]);
  const status = await host.status();
  await after?.(host, status);

  const snapshot = await snapshotOf(host, status, row);
  // Lines and snapshots are written one after the other, so that what led to this snapshot is there.
  const log = linesOf(host);
  const grown = (await rssOf(host)) - rss;
  const cost = await host.ask('cost');
  const ending = await host.stop();
  const seen = { row, traffic, driven, status, snapshot, grown, cost, wellCost, ending, log, wholeLog: linesOf(host), host };
  expect(problemsOf(seen)).toEqual([]);
  expect(status).toMatchObject(row.expected);
  if (classes !== null) expect(classesIn(log, classes)).toEqual(classes);
  return { status, ending };
}

/** Requests to two hosts in turn, and what they took. */
class Traffic {
  #with;
  #without;
  #latencies;

  constructor(host, off) {
    this.#with = host;
    this.#without = off;
    this.forget();
  }

  forget() {
    this.#latencies = { on: [], off: [] };
  }

  /** So many pairs at least, and more until something is over. */
  async run({ pairs, until }) {
    const state = { isOver: until === undefined };
    until?.finally(() => { state.isOver = true; }).catch(() => {});
    for (let i = 0; i < pairs || !state.isOver; i += 1) {
      this.#latencies.on.push(await this.#with.request());
      this.#latencies.off.push(await this.#without.request());
      await sleep(PAUSE_MS);
    }
  }

  /** @returns {{on: Latency, off: Latency}} of what was not forgotten; `Latency` is `{median, p99}` in milliseconds */
  get latency() {
    return { on: summary(this.#latencies.on), off: summary(this.#latencies.off) };
  }
}

/** What should not be so, in sentences. */
function problemsOf(seen) {
  return [...slowness(seen), ...leaks(seen), ...nonsense(seen.status), ...contradictions(seen), ...wrongEnd(seen)];
}

function slowness({ traffic, cost, wellCost, grown, row }) {
  const { on: withIt, off: without } = traffic.latency;
  const limit = { call: 4 * wellCost.median + 20, median: 2 * without.median + 2, p99: 3 * without.p99 + 50 };
  return said([
    [cost.count < 100, `record was called only ${cost.count} times`, row.requests === undefined],
    [cost.median > limit.call, `record took ${cost.median} us, and ${wellCost.median} us while all was well`],
    [cost.max > CALL_LIMIT_US, `one call of record took ${cost.max} us`],
    [withIt.median > limit.median, `requests took ${withIt.median} ms, and ${without.median} ms without the addon`],
    [withIt.p99 > limit.p99, `some requests took ${withIt.p99} ms, and ${without.p99} ms without the addon`],
    [grown > (row.growth ?? GROWTH_LIMIT), `memory grew by ${grown} bytes`],
  ]);
}

function leaks({ status, snapshot, wholeLog, ending, host, row }) {
  const words = { status, snapshot, wholeLog, stderr: ending.stderr, final: ending.final };
  const told = Object.keys(words).filter((place) => SECRETS.some((secret) => JSON.stringify(words[place])?.includes(secret)));
  const left = fs.existsSync(snapshotFile(host));
  return said([[told.length > 0, `a secret is told by ${told}`], [left, 'the snapshot is still there', row.classes !== null]]);
}

/** What can be said of a status without knowing what happened. */
function nonsense(status) {
  const { state, exports, transitions, cooldownRemainingMs, lastHour, lastDay, entries } = status;
  const lost = sum(entries.dropped);
  const recent = { delivered: exports.delivered, failed: exports.failed, dropped: sum(exports.dropped), accepted: entries.accepted, processed: entries.processed, lost };
  const isJoined = transitions.every(({ from }, i) => from === (transitions[i - 1]?.to ?? 'disabled'));
  const isInOrder = transitions.every(({ atMs }, i) => atMs >= (transitions[i - 1]?.atMs ?? 0));
  return said([
    [entries.accepted !== entries.processed + lost + entries.queued, `the books do not agree: ${JSON.stringify(entries)}`],
    [exports.attempted !== exports.delivered + exports.failed, `exports were neither delivered nor failed: ${JSON.stringify(exports)}`],
    [!isJoined || transitions.at(-1)?.to !== state, `the transitions do not lead to ${state}: ${JSON.stringify(transitions)}`],
    [!isInOrder || transitions.some(({ reason }) => !reason), `a transition has no time or no reason: ${JSON.stringify(transitions)}`],
    [state === 'circuit_open' && cooldownRemainingMs === undefined, 'the circuit is open and nobody knows for how long'],
    [cooldownRemainingMs < 0 || cooldownRemainingMs > 600_000, `the cooldown is ${cooldownRemainingMs} ms`],
    [!same(lastHour, recent) || !same(lastDay, recent), `the last hour is not all there was: ${JSON.stringify({ lastHour, lastDay, recent })}`],
  ]);
}

/** Where the files do not say what the status says. */
function contradictions({ status, snapshot, wholeLog, row, ending }) {
  const { transitions = ['disabled', 'active'], classes } = row;
  const went = ['disabled', ...status.transitions.map(({ to }) => to)];
  const found = [[!same(went, transitions), `it went ${went.join(' -> ')}`]];
  if (classes === null) return said(found);
  const logged = wholeLog.filter(({ event }) => event === 'transition').map(({ to }) => to);
  const wentInTheEnd = ending.final?.status.transitions.map(({ to }) => to);
  const kept = snapshot?.projects?.[0];
  return said([
    ...found,
    [!same(logged, wentInTheEnd), `the log has transitions to ${logged}`],
    [wholeLog.some(({ time, pid }) => !RFC_3339.test(time) || !Number.isInteger(pid)), 'a line of the log has no time or no process'],
    [kept?.state !== status.state, `the snapshot says ${kept?.state}, and the status ${status.state}`],
    [(kept?.exports?.lastError ?? undefined) !== status.exports.lastError, `the snapshot says ${kept?.exports?.lastError}`],
    [status.files.lost > 0, `${status.files.lost} lines were lost: ${status.files.lastError}`],
  ]);
}

function wrongEnd({ ending, host, driven, row }) {
  const { code, elapsedMs, stderr, final } = ending;
  if (final === undefined) return [`it ended with ${code ?? ending.signal} and said nothing`];
  const { entries, transitions } = final.status;
  const { offered, taken } = final.truth;
  const made = host.requests + driven;
  return said([
    [code !== 0, `it ended with ${code ?? ending.signal}`],
    [elapsedMs > EXIT_LIMIT_MS, `the exit took ${elapsedMs} ms`],
    [stderr !== on(row.endpoint), `standard error has ${JSON.stringify(stderr)}`],
    [entries.queued !== 0 || entries.queuedBytes !== 0, `${entries.queued} entries still wait in the end`],
    [entries.accepted !== entries.processed + sum(entries.dropped), `the books do not agree in the end: ${JSON.stringify(entries)}`],
    [[entries.accepted, offered, taken].some((count) => count !== made), `${made} turns were made, ${taken} of ${offered} taken, ${entries.accepted} accepted`],
    [sum(entries.dropped) > 0, `entries were dropped: ${JSON.stringify(entries.dropped)}`, !row.loses],
    [!same(pick(transitions.at(-1), ['to', 'reason']), { to: 'disabled', reason: 'shut down' }), `it ended as ${JSON.stringify(transitions.at(-1))}`],
  ]);
}

/** The sentences of those rows `[isSo, sentence, matters]` that are so. */
function said(rows) {
  return rows.filter(([isSo, , matters = true]) => isSo && matters).map(([, sentence]) => sentence);
}

/** Garbage that waits to be collected is no growth: the least of a few looks counts. */
async function rssOf(host) {
  const looks = [];
  for (let i = 0; i < 3; i += 1) looks.push((await host.ask('usage')).rss);
  return Math.min(...looks);
}

/** The snapshot once it says what the status says: it is written at most once a second, and by a thread of its own. */
async function snapshotOf(host, { state, exports }, { classes }) {
  const until = Date.now() + (classes === null ? 0 : 2500);
  for (;;) {
    const snapshot = readSnapshot(host);
    const [kept] = snapshot?.projects ?? [];
    if ((kept?.state === state && kept.exports.attempted === exports.attempted) || Date.now() >= until) return snapshot;
    await sleep(20);
  }
}

function readSnapshot(host) {
  try {
    return JSON.parse(fs.readFileSync(snapshotFile(host), 'utf8'));
  } catch {
    return undefined;
  }
}

function snapshotFile({ ccxrayHome, pid }) {
  return path.join(ccxrayHome, 'otel', `status-${pid}.json`);
}

/** What stands in the log, oldest first. */
function linesOf({ ccxrayHome }) {
  const file = path.join(ccxrayHome, 'otel.log');
  if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) return [];
  return fs.readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** Failures in a log, each class once. A try that is under way when the time is over is a timeout, beside what it is else. */
function classesIn(log, expected) {
  const found = new Set(log.filter(({ event }) => event === 'export_failed').map((line) => line.class));
  if (found.size > 1 && !expected.includes('timeout')) found.delete('timeout');
  return [...found];
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

module.exports = { trial, withSecrets, linesOf, SECRETS };
