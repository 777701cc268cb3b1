'use strict';

/*
 * A host in a process of its own, with or without the addon: an HTTP server that hands over a turn for each request and answers with its
 * response, as a proxy would. The parent passes `{addon, options, seed}` as JSON and talks over IPC: `{id, ask}` is answered with
 * `{id, answer}`. SIGTERM is the graceful end; what stands in the books then is the last message.
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
/** Calls of `record` of workers: begun, and come back with yes. One that is ended between the two may have handed over its turn or not. */
const byWorkers = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
/** Calls of `record` of this thread that came back with yes and with no. */
const own = { made: 0, refused: 0 };

const server = http.createServer((request, response) => {
  const size = decodeURIComponent(request.url.slice('/turn/'.length));
  if (!Object.hasOwn(SIZES, size)) return void response.writeHead(404).end();
  const { line, parts } = turns.next(size);
  if (addon !== undefined) record(line, parts);
  response.writeHead(200, { 'content-type': 'application/json' });
  return void response.end(parts.response ?? '{}');
});
// The connections of the parent are among the descriptors that are counted: they are to stay.
server.keepAliveTimeout = 0;

function record(line, parts) {
  const begun = process.hrtime.bigint();
  const took = addon.record(line, parts);
  durations.record(process.hrtime.bigint() - begun + 1n);
  own[took ? 'made' : 'refused'] += 1;
}

function books() {
  const { heapUsed, heapTotal } = process.memoryUsage();
  const [offered, made] = [own.made + Atomics.load(byWorkers, 0), own.made + Atomics.load(byWorkers, 1)];
  return {
    heapUsed, heapTotal, offered, made, refused: own.refused, own: own.made, truth: { ...turns.truth },
    recordMicros: { p50: durations.percentile(50) / 1000, p99: durations.percentile(99) / 1000, max: durations.max / 1000 },
    status: addon?.status(),
  };
}

const ANSWERS = {
  /** The heap is swept first, so that what is left is what is held. */
  books() {
    globalThis.gc?.();
    return books();
  },

  /** Everything that somebody could ask while the host runs. */
  async questions() {
    if (addon === undefined) return;
    for (let i = 0; i < 5; i += 1) {
      addon.status();
      addon.preview();
      await addon.flush(200);
    }
  },

  /** A worker loads the addon, records, and is ended whatever it does. */
  async worker() {
    if (file === null) return;
    const worker = new Worker(path.join(__dirname, 'worker.js'), { workerData: { addon: file, options, counts: byWorkers } });
    worker.on('error', (error) => process.stderr.write(`a worker failed: ${error.stack}\n`));
    await sleep(400);
    await worker.terminate();
  },
};

process.on('message', async ({ id, ask }) => {
  const answer = await ANSWERS[ask]();
  if (process.connected) process.send({ id, answer });
});

process.on('SIGTERM', async () => {
  server.close();
  const begun = performance.now();
  await addon?.shutdown();
  const shutdownMs = performance.now() - begun;
  process.send({ last: { ...books(), shutdownMs } }, () => process.exit(0));
});

// The keyboard's interrupt goes to all processes of a terminal; the parent decides what comes of it.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));

server.listen(0, '127.0.0.1', () => {
  addon?.init(options);
  process.send({ port: server.address().port });
});
