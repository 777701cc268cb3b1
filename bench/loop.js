'use strict';

// The effect on the event loop: its delay while turns come at a steady rate, and its longest stall while
// thousands of series are exported. Each case has its own process, because it influences later cases.

const { mkdirSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
const addonOf = require('./addon');
const jsSdk = require('./js-sdk');
const payloads = require('../demo/traffic/payloads');
const series = require('./series');
const sinkOf = require('./sink');
const { call, serve } = require('./child');
const { median } = require('../testkit/timing');

const CASES = ['idle', 'addon', 'jsSdk'];

/** The shortest interval that the addon takes; the JS SDK gets the same. */
const INTERVAL_MS = 1000;

const POOL = 8;
const WARMUP_MS = 1000;
const NS_PER_MS = 1e6;

/**
 * Event-loop delay at a steady rate of whole turns (line and 60 KB response).
 *
 * @param {object} options
 * @param {number} options.rounds processes per case
 * @param {number} options.seconds per process
 * @param {number} options.rate turns per second
 * @param {string} [options.addon] module to measure. Default: this package
 * @returns {Promise<Record<'idle' | 'addon' | 'jsSdk', {p50: number, p99: number, max: number, turns: number,
 *   lost: number}>>} delays in ms, each the median of the rounds; `turns` per round, `lost` over all
 */
async function load(options) {
  return alternate({ ...options, part: 'load' });
}

/**
 * The longest stall while the metrics of a full hub are exported once a second and nothing else happens.
 *
 * @param {object} options
 * @param {number} options.rounds processes per case
 * @param {number} options.seconds to measure, from before the first export on
 * @param {number} options.projects how many projects the series are divided among; cardinality limits apply to each project
 * @param {string} [options.addon] module to measure. Default: this package
 * @returns {Promise<Record<'idle' | 'addon' | 'jsSdk', {p50: number, p99: number, max: number, series: number,
 *   exports: number, lost: number}>>} as `load`; `series` in one export of all projects, counted by the sink
 */
async function stall(options) {
  return alternate({ ...options, part: 'stall' });
}

async function alternate({ rounds, ...options }) {
  const samples = Object.fromEntries(CASES.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let step = 0; step < CASES.length; step += 1) {
      const name = CASES[(step + round) % CASES.length];
      samples[name].push(await call(__filename, { ...options, name }));
    }
  }
  return Object.fromEntries(CASES.map((name) => [name, { ...middle(samples[name]), rounds: samples[name] }]));
}

function middle(samples) {
  const merged = {};
  for (const key of Object.keys(samples[0])) merged[key] = median(samples.map((sample) => sample[key]));
  merged.lost = samples.reduce((sum, sample) => sum + sample.lost, 0);
  return merged;
}

async function run({ part, ...options }) {
  const sink = await sinkOf.start();
  try {
    return await (part === 'load' ? runLoad(sink, options) : runStall(sink, options));
  } finally {
    await sink.close();
  }
}

async function runLoad(sink, { name, seconds, rate, addon }) {
  const target = openLoad(name, sink, addon);
  const turns = payloads.turns(POOL, 'cjk').map(({ entry, line, response }) => ({ entry, line, parts: { response } }));
  await pace({ ms: WARMUP_MS, rate, send: (i) => target.send(turns[i % POOL]) });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const count = await pace({ ms: seconds * 1000, rate, send: (i) => target.send(turns[i % POOL]) });
  delay.disable();
  const { lost } = await target.close();
  return { ...readDelay(delay), turns: count, lost };
}

/** Records the due turns in each pass of the loop. The timer itself is part of every case. */
async function pace({ ms, rate, send }) {
  const start = performance.now();
  let sent = 0;
  for (;;) {
    await sleep(1);
    const elapsed = performance.now() - start;
    const due = Math.floor((Math.min(elapsed, ms) * rate) / 1000);
    while (sent < due) {
      send(sent);
      sent += 1;
    }
    if (elapsed >= ms) return sent;
  }
}

async function runStall(sink, { name, seconds, projects, addon }) {
  const target = openStall(name, sink, projects, addon);
  for (const turn of series.turns()) {
    for (let project = 0; project < projects; project += 1) target.send(turn, project);
  }
  await target.settle();
  // The garbage of the set-up does not count. The first export counts, because it is the longest.
  globalThis.gc?.();
  await sleep(1);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(seconds * 1000);
  delay.disable();
  const { requests, points } = await sink.seen();
  const { lost } = await target.close();
  return { ...readDelay(delay), series: seriesOf(points, projects), exports: requests / projects, lost };
}

/** Each project sends one request per interval, so the newest ones make one export. */
function seriesOf(requests, projects) {
  let total = 0;
  for (const points of requests.slice(-projects)) for (const count of Object.values(points)) total += count;
  return total;
}

function openLoad(name, sink, path) {
  if (name === 'addon') {
    const addon = addonOf.start({ endpoint: sink.base, intervalMs: INTERVAL_MS, path });
    return { send: ({ line, parts }) => addon.api.record(line, parts), close: () => closeAddon(addon) };
  }
  if (name === 'jsSdk') {
    const sdk = jsSdk.start({ url: sink.url, intervalMs: INTERVAL_MS });
    return { send: ({ entry }) => sdk.record(entry), close: () => closeSdks([sdk]) };
  }
  return idle();
}

function openStall(name, sink, projects, path) {
  if (name === 'addon') {
    const cwds = [];
    const prepare = (home) => {
      // The first project is that of `init`, which always exports.
      for (let project = 0; project < projects; project += 1) {
        cwds.push(writeProject(project === 0 ? home : join(home, `project-${project}`), sink.base));
      }
    };
    // Both sides use tier 2, so that names do not become `custom`.
    const env = { CCXRAY_OTEL_TIER: '2', CCXRAY_OTEL_IDENTITY: 'bench', CCXRAY_OTEL_TRUST: '1' };
    const addon = addonOf.start({ endpoint: sink.base, intervalMs: INTERVAL_MS, path, env, prepare });
    return {
      send: ({ line, response }, project) => addon.api.record(line, { response, cwd: cwds[project] }),
      settle: addon.drained,
      close: () => closeAddon(addon),
    };
  }
  if (name === 'jsSdk') {
    const options = { url: sink.url, intervalMs: INTERVAL_MS, rawNames: true };
    const sdks = Array.from({ length: projects }, () => jsSdk.start(options));
    return {
      send: ({ entry }, project) => sdks[project].record(entry),
      settle: async () => {},
      close: () => closeSdks(sdks),
    };
  }
  return idle();
}

function idle() {
  return { send: () => {}, settle: async () => {}, close: async () => ({ lost: 0 }) };
}

function writeProject(dir, endpoint) {
  mkdirSync(dir, { recursive: true });
  const otel = { enabled: true, tier: 2, resolution: 'minute', endpoint, interval_seconds: INTERVAL_MS / 1000, project: basename(dir) };
  writeFileSync(join(dir, '.ccxray.json'), JSON.stringify({ otel }));
  return dir;
}

async function closeAddon(addon) {
  await addon.drained();
  const { lost } = addon.entries();
  await addon.close();
  return { lost };
}

async function closeSdks(sdks) {
  await Promise.all(sdks.map((sdk) => sdk.shutdown()));
  return { lost: 0 };
}

function readDelay(delay) {
  return {
    p50: delay.percentile(50) / NS_PER_MS,
    p99: delay.percentile(99) / NS_PER_MS,
    max: delay.max / NS_PER_MS,
  };
}

if (require.main === module) serve(run);

module.exports = { load, stall };
