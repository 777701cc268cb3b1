'use strict';

// The addon as the benchmark uses it: configured by environment variables alone, in an empty directory, so
// that no config file of this machine is read. It also checks that the addon did its work.

const { mkdtempSync, statSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const { clearAway } = require('../demo/clear-away');

const PACKAGE = resolve(__dirname, '..');

/** How long the worker may take to empty the queue before the run fails, in ms. */
const DRAIN_TIMEOUT_MS = 30_000;

/**
 * @typedef {object} Addon
 * @property {object} api the addon's functions
 * @property {string} home its empty directory
 * @property {number} initMs how long `init` took on the JS thread
 * @property {() => Promise<void>} drained resolves when the worker is idle
 * @property {() => {accepted: number, processed: number, lost: number, rejected: number}} entries the counts
 *   of `status`; `lost` is the sum over all reasons
 * @property {() => Promise<void>} close shuts down and removes the directory
 */

/**
 * Loads and starts the addon at tier 1.
 *
 * @param {object} options
 * @param {string} options.endpoint base URL of the sink
 * @param {number} options.intervalMs time between exports
 * @param {string} [options.path] module to load. Default: this package
 * @param {Record<string, string>} [options.env] more variables
 * @param {(home: string) => void} [options.prepare] writes files into the directory before `init`
 * @returns {Addon}
 * @throws {Error} if the addon cannot be loaded or is not `active`
 */
function start({ endpoint, intervalMs, path = PACKAGE, env = {}, prepare = () => {} }) {
  const api = require(path);
  const home = mkdtempSync(join(tmpdir(), 'otel-native-bench-'));
  prepare(home);
  const begun = performance.now();
  const status = api.init({
    cwd: home,
    home,
    env: {
      HOME: home,
      CCXRAY_HOME: join(home, '.ccxray'),
      CCXRAY_OTEL_TIER: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_METRIC_EXPORT_INTERVAL: String(intervalMs),
      ...env,
    },
  });
  const initMs = performance.now() - begun;
  if (status.state !== 'active') {
    clearAway(home);
    throw new Error(`the addon is ${status.state}: ${status.reason ?? 'no reason given'}`);
  }
  return {
    api,
    home,
    initMs,
    drained: () => drained(api),
    entries: () => entries(api),
    close: async () => {
      await api.shutdown();
      clearAway(home);
    },
  };
}

/** @returns {number} size in MB (10^6 bytes) */
function sizeMb(file) {
  return statSync(file).size / 1e6;
}

async function drained(api) {
  const deadline = Date.now() + DRAIN_TIMEOUT_MS;
  // `queued` falls when the worker takes an entry, and `processed` rises when it has processed the entry.
  for (;;) {
    const { accepted, processed, lost } = entries(api);
    if (processed + lost >= accepted) return;
    if (Date.now() > deadline) throw new Error(`the worker is behind: ${processed} of ${accepted} entries done`);
    await sleep(1);
  }
}

function entries(api) {
  const { accepted, processed, rejected, dropped } = api.status().entries;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  return { accepted, processed, lost, rejected };
}

module.exports = { start, sizeMb, PACKAGE };
