'use strict';

/*
 * A host process, with or without the addon: an HTTP server that records a turn for each request and answers with its response, as a
 * proxy would. The parent passes `{addon, options, seed}` as JSON. Over IPC it sends `{id, command}`, which is answered with
 * `{id, answer}`. On SIGTERM the host shuts down and sends its final counts.
 */

const http = require('node:http');
const path = require('node:path');
const { createHistogram } = require('node:perf_hooks');
const { Worker } = require('node:worker_threads');

const { sleep } = require('../waiting');
const { Turns, SIZES } = require('./turns');

const { addon: file, options, seed } = JSON.parse(process.argv[2]);
const addon = file === null ? undefined : require(file);
const turns = new Turns(seed);
const durations = createHistogram();
/** Calls of `record` by workers: begun, and accepted. A worker that is terminated between the two may have recorded its turn or not. */
const byWorkers = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
/** Calls of `record` by this thread that returned true and false. */
const own = { accepted: 0, rejected: 0 };

const server = http.createServer((request, response) => {
  const size = decodeURIComponent(request.url.slice('/turn/'.length));
  if (!Object.hasOwn(SIZES, size)) return void response.writeHead(404).end();
  const { line, parts } = turns.next(size);
  if (addon !== undefined) record(line, parts);
  response.writeHead(200, { 'content-type': 'application/json' });
  return void response.end(parts.response ?? '{}');
});
// The connections of the parent are among the counted descriptors, so they must stay open.
server.keepAliveTimeout = 0;

function record(line, parts) {
  const begun = process.hrtime.bigint();
  const isAccepted = addon.record(line, parts);
  durations.record(process.hrtime.bigint() - begun + 1n);
  own[isAccepted ? 'accepted' : 'rejected'] += 1;
}

function counts() {
  const { heapUsed, heapTotal } = process.memoryUsage();
  const [begun, accepted] = [own.accepted + Atomics.load(byWorkers, 0), own.accepted + Atomics.load(byWorkers, 1)];
  return {
    heapUsed, heapTotal, begun, accepted, rejected: own.rejected, own: own.accepted, recorded: { ...turns.recorded },
    recordMicros: { p50: durations.percentile(50) / 1000, p99: durations.percentile(99) / 1000, max: durations.max / 1000 },
    status: addon?.status(),
  };
}

const COMMANDS = {
  /** Collects garbage first, so that the heap has only what is in use. */
  counts() {
    globalThis.gc?.();
    return counts();
  },

  /** Calls every function that a host may call while it runs. */
  async questions() {
    if (addon === undefined) return;
    for (let i = 0; i < 5; i += 1) {
      addon.status();
      addon.preview();
      await addon.flush(200);
    }
  },

  /** Starts a worker that loads the addon and records, and terminates it in the middle. */
  async worker() {
    if (file === null) return;
    const worker = new Worker(path.join(__dirname, 'worker.js'), { workerData: { addon: file, options, counts: byWorkers } });
    worker.on('error', (error) => process.stderr.write(`a worker failed: ${error.stack}\n`));
    await sleep(400);
    await worker.terminate();
  },
};

process.on('message', async ({ id, command }) => {
  const answer = await COMMANDS[command]();
  if (process.connected) process.send({ id, answer });
});

process.on('SIGTERM', async () => {
  server.close();
  const begun = performance.now();
  await addon?.shutdown();
  const shutdownMs = performance.now() - begun;
  process.send({ last: { ...counts(), shutdownMs } }, () => process.exit(0));
});

// Ctrl-C reaches all processes of a terminal. The parent ends this one.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));

server.listen(0, '127.0.0.1', () => {
  addon?.init(options);
  process.send({ port: server.address().port });
});
