'use strict';

/*
 * A small HTTP server in the role of the host:
 *
 *     node host-child.js '{"addon": PATH or null, "blockMs": 0}'
 *
 * For each request it makes a finished turn, records it, and answers. Without an addon it does the same and records
 * nothing. The addon's config comes from the environment. The parent sends the commands in `COMMANDS` over IPC. On
 * SIGTERM it shuts down and sends its final state to the parent.
 */

const fs = require('node:fs');
const http = require('node:http');
const { createHistogram } = require('node:perf_hooks');

const { Turns } = require('./turns');

const { addon: path, blockMs = 0 } = JSON.parse(process.argv[2]);
const addon = path === null ? null : require(path);
const turns = new Turns();
/** How many turns were passed to `record`, and how many of them the addon accepted. */
const calls = { attempted: 0, accepted: 0 };
/** The durations of calls of `record`, in nanoseconds. */
let cost = createHistogram();
/** How long this thread had waited for a processor when the histogram began, in nanoseconds. */
let waitedBefore = waited();
const held = { files: [], ballast: [] };

const server = http.createServer((request, response) => {
  const bytes = Number(new URL(request.url, 'http://host').searchParams.get('bytes') ?? 2000);
  const { line, parts } = record(turns.next(bytes));
  request.resume().on('end', () => response.end(`${line.length} ${parts.response.length}\n`));
});

/** Records a finished turn. */
function record(finished) {
  calls.attempted += 1;
  const begun = process.hrtime.bigint();
  if (blockMs > 0) block(blockMs);
  const isAccepted = addon?.record(finished.line, finished.parts) ?? false;
  cost.record(Number(process.hrtime.bigint() - begun) || 1);
  if (isAccepted) {
    calls.accepted += 1;
    turns.note(finished.figures);
  }
  return finished;
}

/** Blocks the thread, as a faulty addon would. */
function block(milliseconds) {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) continue;
}

const COMMANDS = {
  status: () => addon?.status(),
  preview: () => addon?.preview(),

  /** Flushes that many times, one after the other, and answers with all results. */
  async flush({ withinMs = 5000, times = 1 }) {
    const results = [];
    for (let i = 0; i < times; i += 1) results.push(await addon?.flush(withinMs));
    return results;
  },

  /** The durations of calls of `record` since the last reset. */
  cost({ reset = false }) {
    const summary = costs();
    if (reset) {
      cost = createHistogram();
      waitedBefore = waited();
    }
    return summary;
  },

  /** The calls of `record`, and the sums over all accepted turns. */
  recorded,

  /** Memory in bytes, and how many files and threads the process has. */
  usage: () => ({ ...process.memoryUsage(), files: fs.readdirSync('/proc/self/fd').length, threads: fs.readdirSync('/proc/self/task').length }),

  /** Records turns without requests, which is faster, and checks the addon's counts meanwhile. */
  drive,

  /** Opens files until no more can be opened. */
  exhaust() {
    try {
      for (;;) held.files.push(fs.openSync('/dev/null', 'r'));
    } catch (error) {
      return { code: error.code, opened: held.files.length };
    }
  },

  release() {
    for (const file of held.files.splice(0)) fs.closeSync(file);
    held.ballast = [];
  },

  /** Allocates that much more memory, and writes to it. */
  ballast({ mebibytes }) {
    for (let i = 0; i < mebibytes; i += 1) held.ballast.push(Buffer.alloc(1 << 20, i + 1));
    return process.memoryUsage.rss();
  },

  /** Lets the process end by itself. */
  leave() {
    setImmediate(() => process.disconnect());
  },
};

async function drive({ perSecond, bytes, forMs, atOnce = 1 }) {
  const counts = { checks: 0, wrong: [], maxQueued: 0, maxQueuedBytes: 0, maxRss: 0, longestMs: 0 };
  const begun = performance.now();
  let last = begun;
  let made = 0;
  for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - begun) {
    const due = Math.floor((elapsed * perSecond) / 1000) - made;
    // A machine that cannot keep up makes fewer turns. It does not make the missing ones later.
    const now = due < atOnce ? 0 : Math.min(due, Math.max(atOnce, perSecond / 20));
    const finished = Array.from({ length: now }, () => turns.next(bytes));
    for (const one of finished) record(one);
    made += now;
    check(counts);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    counts.longestMs = Math.max(counts.longestMs, performance.now() - last);
    last = performance.now();
  }
  return { ...counts, made };
}

function check(counts) {
  counts.checks += 1;
  counts.maxRss = Math.max(counts.maxRss, process.memoryUsage.rss());
  const entries = addon?.status().entries;
  if (entries === undefined) return;
  const dropped = Object.values(entries.dropped).reduce((sum, one) => sum + one, 0);
  if (entries.accepted !== entries.processed + dropped + entries.queued && counts.wrong.length < 10) counts.wrong.push(entries);
  counts.maxQueued = Math.max(counts.maxQueued, entries.queued);
  counts.maxQueuedBytes = Math.max(counts.maxQueuedBytes, entries.queuedBytes);
}

function recorded() {
  return { ...calls, ...turns.recorded };
}

/** In microseconds. `waited` is how long this thread waited for a processor in total. */
function costs() {
  const at = (percentile) => cost.percentile(percentile) / 1000;
  return { count: cost.count, median: at(50), p99: at(99), max: cost.count > 0 ? cost.max / 1000 : 0, waited: (waited() - waitedBefore) / 1000 };
}

/** Zero on systems that do not report it. */
function waited() {
  try {
    return Number(fs.readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[1]);
  } catch {
    return 0;
  }
}

server.listen(0, '127.0.0.1', () => {
  const status = addon?.init({ hostVersion: '9.9.9' });
  process.on('SIGTERM', async () => {
    server.close();
    await addon?.shutdown();
    process.send({ final: { status: addon?.status(), recorded: recorded(), cost: costs() } }, () => process.exit(0));
  });
  process.send({ port: server.address().port, status });
});

/** Ends together with the parent. */
process.on('disconnect', () => {
  server.close();
  server.closeAllConnections();
});

process.on('message', async ({ id, command, options = {} }) => {
  try {
    process.send({ id, answer: await COMMANDS[command](options) });
  } catch (error) {
    process.send({ id, error: error.message });
  }
});
