'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { summary } = require('../timing');
const { sleep } = require('../waiting');
const { switchedOn } = require('./host');
const { problemsOf, SECRETS } = require('./verdict');

const [QUERY, HEADER] = SECRETS;
/** Between two pairs of requests, so that the traffic leaves the machine something. */
const PAUSE_MS = 2;
/** When a snapshot says what has happened, at the latest. */
const SNAPSHOT_MS = 2500;

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
 * @param {(host: Host) => Promise<number>} [row.usual] what it does while all is well, to compare the trouble with; resolves
 *   to how many turns it made beside the requests. Default: requests, of any host of this file
 * @param {number} [row.requests] at least so many to each of the two
 * @param {object} row.expected how the status is after the trouble, as for `toMatchObject`
 * @param {string[]} [row.transitions] the states that it went through, the first one being `disabled`
 * @param {string[]} [row.classes] of the failures in the log, each once; `null`: files cannot be written
 * @param {number} [row.growth] what memory may grow by, bytes
 * @param {number} [row.slackMs] what the slowest requests may take beyond those of the other host
 * @param {boolean} [row.loses] entries may be dropped
 * @param {(host: Host, status: object) => Promise<void>} [row.after] more to be looked at before the end
 * @returns {Promise<{status: object, ending: Ending, seen: object}>} how it stood after the trouble, and in the end; all
 *   that `problemsOf` was told
 */
async function trial(stage, row) {
  const { endpoint, options, trouble, still = false, requests = 200, classes = [], after } = row;
  const host = await stage.host({ ...options, env: withSecrets(endpoint, options?.env) });
  const { off } = stage.beside;
  const traffic = new Traffic(host, off);
  await traffic.run({ pairs: 50 });
  const usual = (await row.usual?.(host)) ?? 0;
  const wellCost = row.usual ? await host.ask('cost') : stage.beside.wellCost;
  const rss = await rssOf(host);
  await host.ask('cost', { reset: true });

  traffic.forget();
  const over = trouble(host);
  if (still) await over;
  const [driven = 0] = await Promise.all([over, traffic.run({ pairs: requests, until: over })]);
  const status = await host.status();
  await after?.(host, status);

  const snapshot = await snapshotOf(host, status, classes === null ? 0 : SNAPSHOT_MS);
  // Lines and snapshots are written one after the other, so that what led to this snapshot is there.
  const log = linesOf(host);
  const grown = (await rssOf(host)) - rss;
  const cost = await host.ask('cost');
  const ending = await host.stop();
  const { transitions, growth, slackMs, loses } = row;
  const seen = {
    row: { endpoint, transitions, growth, slackMs, loses, canWrite: classes !== null, isShort: requests < 100 },
    latency: traffic.latency,
    made: host.requests + driven + usual,
    log: linesOf(host),
    isLeft: fs.existsSync(snapshotFile(host)),
    status,
    snapshot,
    grown,
    cost,
    wellCost,
    ending,
  };
  expect(problemsOf(seen)).toEqual([]);
  expect(status).toMatchObject(row.expected);
  if (classes !== null) expect(classesIn(log, classes)).toEqual(classes);
  return { status, ending, seen };
}

/** Requests to two hosts, always to both at once so that they meet the same moments of the machine, and what they took. */
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
      const isFirst = i % 2 === 0;
      const [first, second] = await Promise.all(this.#hosts(isFirst).map((host) => host.request()));
      this.#latencies.on.push(isFirst ? first : second);
      this.#latencies.off.push(isFirst ? second : first);
      await sleep(PAUSE_MS);
    }
  }

  #hosts(isFirst) {
    return isFirst ? [this.#with, this.#without] : [this.#without, this.#with];
  }

  /** @returns {{on: Latency, off: Latency}} of what was not forgotten; `Latency` is `{median, p99}` in milliseconds */
  get latency() {
    return { on: summary(this.#latencies.on), off: summary(this.#latencies.off) };
  }
}

/** Garbage that waits to be collected is no growth: the least of a few looks counts. */
async function rssOf(host) {
  const looks = [];
  for (let i = 0; i < 3; i += 1) looks.push((await host.ask('usage')).rss);
  return Math.min(...looks);
}

/** The snapshot once it says what the status says: it is written at most once a second, and by a thread of its own. */
async function snapshotOf(host, { state, exports }, withinMs) {
  const until = Date.now() + withinMs;
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
  if (!fs.existsSync(file) || !fs.statSync(file).isFile()) return [];
  return fs.readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** Failures in a log, each class once. A try that is under way when the time is over is a timeout, beside what it is else. */
function classesIn(log, expected) {
  const found = new Set(log.filter(({ event }) => event === 'export_failed').map((line) => line.class));
  if (found.size > 1 && !expected.includes('timeout')) found.delete('timeout');
  return [...found];
}

module.exports = { trial, withSecrets };
