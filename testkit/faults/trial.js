'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { summary } = require('../timing');
const { sleep } = require('../waiting');
const { switchedOn } = require('./host');
const { problemsOf, SECRETS } = require('./verdict');

const [QUERY, HEADER] = SECRETS;
/** The pause between two pairs of requests, so that they do not use the whole machine. */
const PAUSE_MS = 2;
/** After that time the status file must be up to date. */
const SNAPSHOT_MS = 2500;

/** `env` with an endpoint that has a secret in its URL and one in its headers. */
function withSecrets(endpoint, env = {}) {
  // The endpoint of gRPC has no query.
  const query = isGrpc(env) ? '' : `/?token=${QUERY}`;
  return switchedOn(`${endpoint}${query}`, { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${HEADER}`, ...env });
}

function isGrpc(env) {
  return env?.OTEL_EXPORTER_OTLP_PROTOCOL === 'grpc';
}

/**
 * Runs a host through some trouble, beside a host without the addon, and checks all that must always hold: calls of
 * `record` and requests take as long as without trouble, memory does not grow, the counts agree with each other and with
 * the files, no secret appears, and the host ends in time.
 * @param {object} lab see `lab.js`
 * @param {object} row
 * @param {string} row.endpoint to which it exports
 * @param {object} [row.options] for `launchHost`, in addition to what turns telemetry on
 * @param {(host: Host) => Promise<number|void>} row.trouble resolves to how many turns the host made without requests
 * @param {boolean} [row.isPaused] whether there are no requests during the trouble, because the host is stopped
 * @param {(host: Host) => Promise<number>} [row.before] what the host does before the trouble, to compare its cost with;
 *   resolves to how many turns it made without requests. Default: the requests of the lab's own host are compared
 * @param {number} [row.requests] at least that many to each of the two hosts. Default: 200
 * @param {object} row.expected the status after the trouble, as for `toMatchObject`
 * @param {string[]} [row.transitions] the states that it went through, from `disabled` on
 * @param {string[]} [row.classes] the classes of the failures in the log; `null` if files cannot be written. Default: none
 * @param {number} [row.growth] by how many bytes memory may grow
 * @param {number} [row.slackMs] how much longer the slowest requests may take than those of the other host
 * @param {boolean} [row.loses] whether entries may be dropped
 * @param {(host: Host, status: object) => Promise<void>} [row.after] further checks before the end
 * @returns {Promise<{status: object, ending: Ending, seen: object}>} the status after the trouble, the end of the host,
 *   and the input of `problemsOf`
 */
async function trial(lab, row) {
  const { endpoint, options, trouble, isPaused = false, requests = 200, classes = [], after } = row;
  const host = await lab.host({ ...options, env: withSecrets(endpoint, options?.env) });
  const traffic = new Traffic(host, lab.baseline.off);
  await traffic.run({ pairs: 50 });
  const madeBefore = (await row.before?.(host)) ?? 0;
  const usualCost = row.before ? await host.send('cost') : lab.baseline.cost;
  const rss = await rssOf(host);
  await host.send('cost', { reset: true });

  traffic.forget();
  const over = trouble(host);
  if (isPaused) await over;
  const [driven = 0] = await Promise.all([over, traffic.run({ pairs: requests, until: over })]);
  const status = await host.status();
  await after?.(host, status);

  const snapshot = await snapshotOf(host, status, classes === null ? 0 : SNAPSHOT_MS);
  // One thread writes log and status file in order, so that the log has all lines up to this snapshot.
  const log = linesOf(host);
  const grown = (await rssOf(host)) - rss;
  const cost = await host.send('cost');
  const ending = await host.stop();
  const { transitions, growth, slackMs, loses } = row;
  const seen = {
    row: { endpoint, isGrpc: isGrpc(options?.env), transitions, growth, slackMs, loses, canWrite: classes !== null, isShort: requests < 100 },
    latency: traffic.latency,
    made: host.requests + driven + madeBefore,
    log: linesOf(host),
    isLeft: fs.existsSync(snapshotFile(host)),
    status,
    snapshot,
    grown,
    cost,
    usualCost,
    ending,
  };
  expect(problemsOf(seen)).toEqual([]);
  expect(status).toMatchObject(row.expected);
  if (classes !== null) expect(classesIn(log, classes)).toEqual(classes);
  return { status, ending, seen };
}

/** Sends requests to two hosts, always to both at once so that other load affects both, and measures them. */
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

  /** Sends at least that many pairs of requests, and more of them until a promise settles. */
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

  /** @returns {{on: Latency, off: Latency}} since the last `forget`; `Latency` is `{median, p99}` in milliseconds */
  get latency() {
    return { on: summary(this.#latencies.on), off: summary(this.#latencies.off) };
  }
}

/** The least of three measurements, since garbage that is not collected yet is not growth. */
async function rssOf(host) {
  const measured = [];
  for (let i = 0; i < 3; i += 1) measured.push((await host.send('usage')).rss);
  return Math.min(...measured);
}

/** The status file once it agrees with the status. A thread writes it at most once a second. */
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

/** The lines of the log, oldest first. */
function linesOf({ ccxrayHome }) {
  const file = path.join(ccxrayHome, 'otel.log');
  if (!fs.existsSync(file) || !fs.statSync(file).isFile()) return [];
  return fs.readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** The classes of failures in a log. A try that runs into the deadline adds a timeout, which may not be expected. */
function classesIn(log, expected) {
  const found = new Set(log.filter(({ event }) => event === 'export_failed').map((line) => line.class));
  if (found.size > 1 && !expected.includes('timeout')) found.delete('timeout');
  return [...found];
}

module.exports = { trial, withSecrets };
