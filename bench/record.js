'use strict';

// The cost of one call of `record` on the JS thread, beside the JS SDK, an empty native call and a copy of the
// same bytes. All run in turns in one process, while the worker processes the entries.

const { setTimeout: sleep } = require('node:timers/promises');
const addonOf = require('./addon');
const jsSdk = require('./js-sdk');
const payloads = require('../demo/traffic/payloads');
const sinkOf = require('./sink');
const { serve } = require('./child');
const { clockCost, interleave, summary } = require('../testkit/timing');

/** Different turns per row: enough for different attribute values, and few enough to stay in the cache. */
const POOL = 8;

/** Calls per batch. No batch comes near the bounds of the queue, 2048 entries and 64 MiB. */
const LINES = 256;
const RESPONSES = 32;
const BODIES = 8;

/** After so long without an entry, the worker sleeps until the next entry. */
const REST_MS = 80;

/** No export happens while calls are timed. */
const INTERVAL_MS = 3_600_000;

const FLUSH_TIMEOUT_MS = 10_000;

/**
 * @param {object} options
 * @param {number} options.rounds batches per row
 * @param {number} options.singles calls for the row "worker asleep", 0.3 s each
 * @param {string} [options.addon] module to measure. Default: this package
 * @returns {Promise<{rows: Record<string, {addon: object, jsSdk?: object, memcpy?: object, emptyCall?: object}>, floor: object,
 *   entries: object, metrics: {addon: string[], jsSdk: string[]}}>} times in microseconds per call; `floor` is the
 *   loop itself, an empty native call and the clock; `metrics` are the exported metrics of each side
 */
async function run({ rounds, singles, addon: path }) {
  const [sink, otherSink] = await Promise.all([sinkOf.start(), sinkOf.start()]);
  const addon = addonOf.start({ endpoint: sink.base, intervalMs: INTERVAL_MS, path });
  const sdk = jsSdk.start({ url: otherSink.url, intervalMs: INTERVAL_MS });
  try {
    const pools = { ascii: poolOf('ascii'), cjk: poolOf('cjk') };
    const times = await interleave(armsOf(addon, sdk, pools), { rounds });
    const single = await timeSingles(addon, sdk, pools.ascii, singles);
    const metrics = await exported(addon, sink, sdk, otherSink);
    const entries = addon.entries();
    return {
      rows: rowsOf(times, single),
      floor: { loop: times.loop, emptyCall: times.emptyCall, clock: single.clock },
      entries,
      metrics,
    };
  } finally {
    await addon.close();
    await sdk.shutdown();
    await Promise.all([sink.close(), otherSink.close()]);
  }
}

function poolOf(script) {
  const turns = payloads.turns(POOL, script);
  const { bytes } = payloads.body(0, script);
  return {
    lines: turns.map((turn) => turn.line),
    lineBytes: turns.map((turn) => Buffer.from(turn.line)),
    parts: turns.map((turn) => ({ response: turn.response })),
    // The host has the object anyway. The line alone has no response.
    lineEntries: turns.map((turn) => JSON.parse(turn.line)),
    entries: turns.map((turn) => turn.entry),
    body: bytes,
    copy: Buffer.from(bytes),
  };
}

function plain(name, calls, call) {
  return { name, calls, call };
}

function armsOf(addon, sdk, { ascii, cjk }) {
  const { record } = addon.api;
  const native = (name, calls, call) => ({ name, calls, call, settle: addon.drained });
  return [
    plain('loop', LINES, (i) => i),
    // Rejected before anything is read: the cost of the native call itself.
    plain('emptyCall', LINES, () => record(undefined)),
    native('lineAscii', LINES, (i) => record(ascii.lines[i % POOL])),
    plain('jsLineAscii', LINES, (i) => sdk.record(ascii.lineEntries[i % POOL])),
    native('lineCjk', LINES, (i) => record(cjk.lines[i % POOL])),
    plain('jsLineCjk', LINES, (i) => sdk.record(cjk.lineEntries[i % POOL])),
    native('lineBytes', LINES, (i) => record(ascii.lineBytes[i % POOL])),
    native('turnAscii', RESPONSES, (i) => record(ascii.lines[i % POOL], ascii.parts[i % POOL])),
    plain('jsTurnAscii', RESPONSES, (i) => sdk.record(ascii.entries[i % POOL])),
    native('turnCjk', RESPONSES, (i) => record(cjk.lines[i % POOL], cjk.parts[i % POOL])),
    plain('jsTurnCjk', RESPONSES, (i) => sdk.record(cjk.entries[i % POOL])),
    native('bodyAscii', BODIES, () => record(ascii.body)),
    plain('copyAscii', BODIES, () => ascii.body.copy(ascii.copy)),
    native('bodyCjk', BODIES, () => record(cjk.body)),
    plain('copyCjk', BODIES, () => cjk.body.copy(cjk.copy)),
    native('stringify', RESPONSES, (i) => record(JSON.stringify(ascii.entries[i % POOL]))),
  ];
}

function rowsOf(times, single) {
  return {
    lineAscii: { addon: times.lineAscii, jsSdk: times.jsLineAscii },
    lineCjk: { addon: times.lineCjk, jsSdk: times.jsLineCjk },
    lineBytes: { addon: times.lineBytes, jsSdk: times.jsLineAscii },
    lineAsleep: { addon: single.addon, jsSdk: single.jsSdk, emptyCall: single.emptyCall },
    turnAscii: { addon: times.turnAscii, jsSdk: times.jsTurnAscii },
    turnCjk: { addon: times.turnCjk, jsSdk: times.jsTurnCjk },
    bodyAscii: { addon: times.bodyAscii, memcpy: times.copyAscii },
    bodyCjk: { addon: times.bodyCjk, memcpy: times.copyCjk },
    stringify: { addon: times.stringify, jsSdk: times.jsTurnAscii },
  };
}

/**
 * In a batch, the worker is awake after the first call. In practice a turn finds it asleep and the caches cold. So this
 * row pauses before each call, and measures each call alone.
 */
async function timeSingles(addon, sdk, pool, count) {
  const clock = clockCost();
  const samples = { addon: [], jsSdk: [], emptyCall: [] };
  const time = (call) => {
    const start = process.hrtime.bigint();
    call();
    return Math.max(0, Number(process.hrtime.bigint() - start) / 1000 - clock);
  };
  for (let i = 0; i < count; i += 1) {
    await sleep(REST_MS);
    samples.addon.push(time(() => addon.api.record(pool.lines[i % POOL])));
    await sleep(REST_MS);
    samples.jsSdk.push(time(() => sdk.record(pool.lineEntries[i % POOL])));
    await sleep(REST_MS);
    samples.emptyCall.push(time(() => addon.api.record(undefined)));
  }
  await addon.drained();
  const summarise = (name) => Object.assign(summary(samples[name]), { calls: 1 });
  return { clock, addon: summarise('addon'), jsSdk: summarise('jsSdk'), emptyCall: summarise('emptyCall') };
}

/** The metrics that each side exported, as evidence that both did the same work. */
async function exported(addon, sink, sdk, otherSink) {
  await Promise.all([addon.api.flush(FLUSH_TIMEOUT_MS), sdk.flush()]);
  return { addon: names(await sink.seen()), jsSdk: names(await otherSink.seen()) };
}

function names({ points }) {
  return [...new Set(points.flatMap((request) => Object.keys(request)))];
}

if (require.main === module) serve(run);

module.exports = { run };
