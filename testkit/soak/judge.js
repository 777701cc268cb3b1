'use strict';

const { on, BASIS } = require('../notice');
const { total } = require('./invariants');
const { trend } = require('./trend');

/** Samples from the beginning do not count, because caches fill and allocators keep memory. */
const WARM_UP_SHARE = 0.2;
const ENOUGH_MINUTES = 30;
const MOST_INCIDENTS = 10;
/** The two seconds of a shutdown, and what a loaded machine may add to them. */
const SHUTDOWN_LIMIT_MS = 2000 + 700;
/** The numbers of a worker's turn; see `turn` in entries/turn.js. */
const WORKER_TURN = { turns: 1, input: 1, output: 2, cost: 0 };
const MEBIBYTE = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** What is measured over time, and the slope per hour that is always allowed. */
const WATCHED = {
  'memory, MiB': { allowed: 6, of: ({ rss, backlog }) => (rss - (backlog?.bytes ?? 0)) / MEBIBYTE },
  descriptors: { allowed: 1, of: ({ fds }) => fds },
  threads: { allowed: 1, of: ({ threads }) => threads },
};

/**
 * Finds the problems of a soak.
 * @param {object} seen the result of `Soak.run`
 * @returns {{problems: string[], notes: string[], trends: object[]}} the soak passed if there are no problems
 */
function judge(seen) {
  const notes = [];
  const problems = [
    ...seen.hosts.flatMap((host) => [...ofHost(host), ...(host.hasAddon && host.last ? ofAddon(host, seen, notes) : [])]),
    ...ofCollector(seen),
    ...seen.incidents.slice(0, MOST_INCIDENTS),
    ...ofLatency(seen.hosts),
  ];
  const trends = trendsOf(seen);
  if (seen.minutes < ENOUGH_MINUTES) notes.push('too short to judge the slopes');
  else problems.push(...ofTrends(trends));
  return { problems, notes, trends };
}

function ofHost({ name, requests, firstError, end, isEarly, last }) {
  const wrong = [];
  if (isEarly) wrong.push(`${name}: the host ended in the middle, ${JSON.stringify(end)}`);
  else if (end.code !== 0) wrong.push(`${name}: the host ended with ${end.signal ?? `exit code ${end.code}`}`);
  else if (last.shutdownMs > SHUTDOWN_LIMIT_MS) wrong.push(`${name}: the shutdown took ${Math.round(last.shutdownMs)} ms`);
  if (requests.answered === 0) wrong.push(`${name}: no request was answered`);
  if (requests.answered !== requests.sent || requests.skipped > 0) {
    const { sent, answered, failed, skipped } = requests;
    wrong.push(`${name}: of ${sent} requests ${answered} were answered, ${failed} failed (${firstError}), and ${skipped} could not be made`);
  }
  return wrong;
}

function ofAddon(host, seen, notes) {
  const { name, broken, files, stderr, last: { status: { entries, exports, lastHour, lastDay }, own } } = host;
  const wrong = broken.map((invariant) => `${name}: ${invariant}`).concat(files.map((file) => `${name}: ${file}`));
  if (own !== host.requests.answered) wrong.push(`${name}: ${host.requests.answered} requests were answered, and ${own} turns recorded`);
  if (entries.queued > 0) wrong.push(`${name}: ${entries.queued} entries were left in the queue`);
  if (stderr !== on(seen.endpoint, BASIS.loopback)) wrong.push(`${name}: standard error has ${JSON.stringify(stderr)}`);
  if (exports.delivered === 0) wrong.push(`${name}: nothing was delivered`);
  if (exports.failed === 0 && seen.failing > 0) wrong.push(`${name}: the collector had faults, and no export failed`);
  if (exports.backlog.requests > 0) wrong.push(`${name}: ${exports.backlog.requests} requests were left in the backlog`);
  for (const [what, count] of [...Object.entries(exports), ...Object.entries(entries)].filter(([key]) => typeof lastDay[key] === 'number')) {
    if (typeof count === 'number' && (lastDay[what] !== count || lastHour[what] > count)) {
      wrong.push(`${name}: ${what}: ${count} in all, ${lastDay[what]} in the last day, ${lastHour[what]} in the last hour`);
    }
  }
  return wrong.concat(name === 'delta' ? ofDeltas(host, seen, notes) : ofSums(host, expected(host)));
}

/** The sums that the addon must have if it has dropped nothing. */
function expected({ last: { recorded, own, status: { entries } } }) {
  const byWorkers = entries.accepted - own;
  return Object.fromEntries(Object.entries(recorded).map(([name, value]) => [name, value + byWorkers * WORKER_TURN[name]]));
}

/** All entries that the queue did not drop must be at the collector. */
function ofSums({ name, atCollector, last }, want) {
  const dropped = total(last.status.entries.dropped);
  if (dropped > 0) {
    const isWithin = atCollector.turns <= want.turns && atCollector.turns >= want.turns - dropped;
    return isWithin ? [] : [`${name}: of ${want.turns} turns ${dropped} entries were dropped, and ${atCollector.turns} are at the collector`];
  }
  return Object.keys(want).filter((sum) => !isSame(want[sum], atCollector[sum]))
    .map((sum) => `${name}: ${sum}: the collector has ${atCollector[sum]}, and ${want[sum]} were recorded`);
}

/** Sums may differ by a billionth, because their terms are added in another order. */
function isSame(a, b) {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}

/** With deltas, what a backend discarded after a success response is lost, and what the exporter discarded is counted. */
function ofDeltas(host, { discarded, duplicates }, notes) {
  const { name, atCollector, last: { status: { exports } } } = host;
  const want = expected(host);
  const { partial_success: partial, ...byExporter } = exports.dropped;
  const wrong = [];
  if (duplicates.length > 0) wrong.push(`${name}: ${duplicates.length} points were sent twice, such as ${JSON.stringify(duplicates[0])}`);
  if (partial < discarded.partialSuccess.intervals) {
    wrong.push(`${name}: the collector rejected ${discarded.partialSuccess.intervals} requests by partial success, and ${partial} are counted`);
  }
  if (discarded.all.turns > 0) {
    notes.push(`${name}: the collector answered ${discarded.all.intervals} requests with success but discarded their ${discarded.all.turns} turns`);
  }
  const missing = want.turns - discarded.all.turns - atCollector.turns;
  if (total(byExporter) > 0 && missing >= 0) {
    notes.push(`${name}: the exporter discarded ${missing} turns: ${JSON.stringify(byExporter)}`);
    return wrong;
  }
  if (discarded.all.turns === 0) return wrong.concat(ofSums(host, want));
  const dropped = total(host.last.status.entries.dropped);
  if (missing < 0 || missing > dropped) {
    const has = `the collector has ${atCollector.turns} and has discarded ${discarded.all.turns}`;
    wrong.push(`${name}: turns: ${has}, and ${want.turns} were recorded, of which ${dropped} were dropped`);
  }
  return wrong;
}

function ofCollector({ elsewhere, notOtlp }) {
  const wrong = [];
  if (elsewhere > 0) wrong.push(`a redirect was followed ${elsewhere} times`);
  if (notOtlp.length > 0) wrong.push(`${notOtlp.length} requests were not OTLP: ${notOtlp[0]}`);
  return wrong;
}

function ofLatency(hosts) {
  const { latencyMs: off } = hosts.find(({ hasAddon }) => !hasAddon);
  return hosts.filter(({ hasAddon }) => hasAddon).flatMap(({ name, latencyMs: { p50, p99 } }) => {
    const wrong = [];
    if (p50 > 2 * off.p50 + 2) wrong.push(`${name}: the median of the answers is ${p50} ms, and ${off.p50} ms without the addon`);
    if (p99 > 3 * off.p99 + 50) wrong.push(`${name}: the 99th percentile of the answers is ${p99} ms, and ${off.p99} ms without the addon`);
    return wrong;
  });
}

function trendsOf({ samples, hosts, minutes }) {
  const warm = samples.filter(({ atMs }) => atMs >= minutes * 60_000 * WARM_UP_SHARE);
  return hosts.flatMap(({ name, hasAddon }) => Object.entries(WATCHED).map(([what, { of }]) => {
    const { slope, error, mean } = trend(warm.map(({ atMs }) => atMs / HOUR_MS), warm.map((sample) => of(sample.hosts[name])));
    return { name, hasAddon, what, slope, error, mean };
  }));
}

/** Growth that the host without the addon shows too is not caused by the addon. */
function ofTrends(trends) {
  return trends.filter(({ hasAddon }) => hasAddon).flatMap(({ name, what, slope, error }) => {
    const without = trends.find((one) => !one.hasAddon && one.what === what).slope;
    const limit = Math.max(3 * error, WATCHED[what].allowed) + Math.max(0, without);
    if (slope <= limit) return [];
    return [`${name}: ${what} grow by ${slope.toFixed(2)} an hour (standard error ${error.toFixed(2)}), and by ${without.toFixed(2)} without the addon`];
  });
}

module.exports = { judge };
