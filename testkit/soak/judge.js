'use strict';

const { on, APPROVAL } = require('../notice');
const { total } = require('./laws');
const { trend } = require('./trend');

/** No sample of the beginning counts: caches fill, and pages that are touched once stay. */
const WARM_UP_SHARE = 0.2;
const ENOUGH_MINUTES = 30;
const MOST_HITCHES = 10;
/** What may be added to the two seconds of a shutdown by a machine that is busy. */
const SHUTDOWN_LIMIT_MS = 2000 + 700;
/** What a turn of a worker is worth; see `turn` in entries/turn.js. */
const WORKER_TURN = { turns: 1, input: 1, output: 2, cost: 0 };
const MEBIBYTE = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** What is watched over time, and the slope an hour that is small whatever its error. */
const WATCHED = {
  'memory, MiB': { allowed: 6, of: ({ rss, backlog }) => (rss - (backlog?.bytes ?? 0)) / MEBIBYTE },
  descriptors: { allowed: 1, of: ({ fds }) => fds },
  threads: { allowed: 1, of: ({ threads }) => threads },
};

/**
 * What was wrong in a soak.
 * @param {object} seen what `Soak.run` gives
 * @returns {{complaints: string[], notes: string[], trends: object[]}} no complaint: it held
 */
function judge(seen) {
  const notes = [];
  const complaints = [
    ...seen.hosts.flatMap((host) => [...ofHost(host), ...(host.hasAddon && host.last ? ofAddon(host, seen, notes) : [])]),
    ...ofCollector(seen),
    ...seen.hitches.slice(0, MOST_HITCHES),
    ...ofLatency(seen.hosts),
  ];
  const trends = trendsOf(seen);
  if (seen.minutes < ENOUGH_MINUTES) notes.push('too short to judge the slopes');
  else complaints.push(...ofTrends(trends));
  return { complaints, notes, trends };
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
  const wrong = broken.map((law) => `${name}: ${law}`).concat(files.map((file) => `${name}: ${file}`));
  if (own !== host.requests.answered) wrong.push(`${name}: ${host.requests.answered} requests were answered, and ${own} turns handed over`);
  if (entries.queued > 0) wrong.push(`${name}: ${entries.queued} entries were left in the queue`);
  if (stderr !== on(seen.endpoint, APPROVAL.loopback)) wrong.push(`${name}: on standard error stood ${JSON.stringify(stderr)}`);
  if (exports.delivered === 0) wrong.push(`${name}: nothing was delivered`);
  if (exports.failed === 0 && seen.failing > 0) wrong.push(`${name}: the collector was out of order, and no export failed`);
  if (exports.backlog.requests > 0) wrong.push(`${name}: ${exports.backlog.requests} requests were left in the backlog`);
  for (const [what, count] of [...Object.entries(exports), ...Object.entries(entries)].filter(([key]) => typeof lastDay[key] === 'number')) {
    if (typeof count === 'number' && (lastDay[what] !== count || lastHour[what] > count)) {
      wrong.push(`${name}: ${what}: ${count} in all, ${lastDay[what]} in the last day, ${lastHour[what]} in the last hour`);
    }
  }
  return wrong.concat(name === 'delta' ? ofDeltas(host, seen, notes) : ofSums(host, expected(host)));
}

/** What the addon must have counted, if it has dropped nothing. */
function expected({ last: { truth, own, status: { entries } } }) {
  const byWorkers = entries.accepted - own;
  return Object.fromEntries(Object.entries(truth).map(([name, value]) => [name, value + byWorkers * WORKER_TURN[name]]));
}

/** Whatever was not dropped at the door is at the collector. */
function ofSums({ name, atCollector, last }, want) {
  const dropped = total(last.status.entries.dropped);
  if (dropped > 0) {
    const isWithin = atCollector.turns <= want.turns && atCollector.turns >= want.turns - dropped;
    return isWithin ? [] : [`${name}: of ${want.turns} turns ${dropped} entries were dropped, and ${atCollector.turns} are at the collector`];
  }
  return Object.keys(want).filter((sum) => !isSame(want[sum], atCollector[sum]))
    .map((sum) => `${name}: ${sum}: the collector has ${atCollector[sum]}, and ${want[sum]} was recorded`);
}

/** Of sums to a billionth: the order of the terms is another. */
function isSame(a, b) {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}

/** What a backend said yes to and did not take is gone, and what was given up is counted. */
function ofDeltas(host, { denied, twice }, notes) {
  const { name, atCollector, last: { status: { exports } } } = host;
  const want = expected(host);
  const { partial_success: partial, ...givenUp } = exports.dropped;
  const wrong = [];
  if (twice.length > 0) wrong.push(`${name}: ${twice.length} points were sent twice, such as ${JSON.stringify(twice[0])}`);
  if (partial < denied.partialSuccess.intervals) {
    wrong.push(`${name}: the collector took nothing of ${denied.partialSuccess.intervals} requests, and ${partial} are counted as partial_success`);
  }
  if (denied.all.turns > 0) notes.push(`${name}: ${denied.all.turns} turns were in ${denied.all.intervals} requests that were answered with yes and not taken`);
  const missing = want.turns - denied.all.turns - atCollector.turns;
  if (total(givenUp) > 0 && missing >= 0) {
    notes.push(`${name}: ${missing} turns were given up: ${JSON.stringify(givenUp)}`);
    return wrong;
  }
  if (denied.all.turns === 0) return wrong.concat(ofSums(host, want));
  const dropped = total(host.last.status.entries.dropped);
  if (missing < 0 || missing > dropped) {
    const has = `the collector has ${atCollector.turns} and has denied ${denied.all.turns}`;
    wrong.push(`${name}: turns: ${has}, and ${want.turns} were recorded, of which ${dropped} were dropped`);
  }
  return wrong;
}

function ofCollector({ elsewhere, noOtlp }) {
  const wrong = [];
  if (elsewhere > 0) wrong.push(`a redirect was followed ${elsewhere} times`);
  if (noOtlp.length > 0) wrong.push(`${noOtlp.length} requests were no OTLP: ${noOtlp[0]}`);
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

/** What a host without the addon gains in the same time is none of the addon's doing. */
function ofTrends(trends) {
  return trends.filter(({ hasAddon }) => hasAddon).flatMap(({ name, what, slope, error }) => {
    const without = trends.find((one) => !one.hasAddon && one.what === what).slope;
    const limit = Math.max(3 * error, WATCHED[what].allowed) + Math.max(0, without);
    if (slope <= limit) return [];
    return [`${name}: ${what} grow by ${slope.toFixed(2)} an hour (standard error ${error.toFixed(2)}), and by ${without.toFixed(2)} without the addon`];
  });
}

module.exports = { judge };
