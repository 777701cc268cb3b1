'use strict';

/*
 * Records good and bad entries from the main thread and from two workers at once:
 *
 *     node conservation.js ENDPOINT HOME ENTRIES
 *
 * Prints the counts as JSON. The seeds are fixed, but the interleaving of the threads is not.
 */

const { isMainThread, Worker, workerData } = require('node:worker_threads');

const addon = require('../..');
const { produce } = require('./producer');
const { GIANTS } = require('../entries/every-kind');
const { eventually, sleep } = require('../waiting');

const WORKERS = 2;

async function main([endpoint, home, entries]) {
  const startRss = process.memoryUsage.rss();
  const env = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '1000' };
  addon.init({ cwd: home, home, env });
  const share = Math.ceil(Number(entries) / (WORKERS + 1));
  const workers = Array.from({ length: WORKERS }, (_, i) => inWorker({ seed: i + 2, count: share }));
  const producers = await Promise.all([produce({ seed: 1, count: share }), ...workers]);
  const giants = await recordGiants();
  const settled = await eventually(() => addon.status().entries, ({ queued }) => queued === 0, 30_000);
  const flushed = await addon.flush(20_000);
  await addon.shutdown();
  process.stdout.write(JSON.stringify({ startRss, producers, giants, settled, flushed, final: addon.status().entries }));
}

function inWorker(data) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: data, stdout: true });
    let text = '';
    worker.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    worker.on('error', reject).once('exit', () => resolve(JSON.parse(text)));
  });
}

/** Records one after the other, since each nearly fills the queue. */
async function recordGiants() {
  const results = [];
  for (const { name, make, parts } of GIANTS) {
    await eventually(() => addon.status().entries, ({ queued }) => queued === 0, 30_000);
    const before = addon.status().entries;
    const returned = addon.record(make(), parts?.());
    const after = await eventually(() => addon.status().entries, ({ queued }) => queued === 0, 30_000);
    results.push({ name, returned, fate: fateOf(before, after), rss: process.memoryUsage.rss() });
    await sleep(0);
  }
  return results;
}

/** How the entry between two counts was counted. */
function fateOf(before, after) {
  if (after.processed > before.processed) return 'processed';
  return Object.keys(after.dropped).find((reason) => after.dropped[reason] > before.dropped[reason]);
}

/** Prints the result for the parent. */
async function work() {
  process.stdout.write(JSON.stringify(await produce(workerData)));
}

void (isMainThread ? main(process.argv.slice(2)) : work());
