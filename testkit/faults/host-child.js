'use strict';

/*
 * A small HTTP server that stands for the host, in a process of its own:
 *
 *     node host-child.js '{"addon": PATH or null, "blockMs": 0}'
 *
 * For each request it makes up a finished turn, hands it to the addon, and answers with it. Without an addon it does
 * the same and hands it to nobody. The addon takes its config from the environment. What the parent asks over IPC is
 * in `ASKS`. SIGTERM is the graceful exit, before which it says how everything stood in the end.
 */

const fs = require('node:fs');
const http = require('node:http');
const { createHistogram } = require('node:perf_hooks');

const { Turns } = require('./turns');

const { addon: path, blockMs = 0 } = JSON.parse(process.argv[2]);
const addon = path === null ? null : require(path);
const turns = new Turns();
/** Calls of `record`, and those that said that it was taken in. */
const calls = { offered: 0, taken: 0 };
/** What a call of `record` took, nanoseconds. */
let cost = createHistogram();
/** What this thread had waited for a processor when that began, nanoseconds. */
let waitedBefore = waited();
const held = { files: [], ballast: [] };

const server = http.createServer((request, response) => {
  const bytes = Number(new URL(request.url, 'http://host').searchParams.get('bytes') ?? 2000);
  const { line, parts } = handOver(turns.next(bytes));
  request.resume().on('end', () => response.end(`${line.length} ${parts.response.length}\n`));
});

/** Gives a finished turn to the addon. */
function handOver(finished) {
  calls.offered += 1;
  const begun = process.hrtime.bigint();
  if (blockMs > 0) block(blockMs);
  const taken = addon?.record(finished.line, finished.parts) ?? false;
  cost.record(Number(process.hrtime.bigint() - begun) || 1);
  if (taken) {
    calls.taken += 1;
    turns.note(finished.figures);
  }
  return finished;
}

/** What an addon that waits for something would do. */
function block(milliseconds) {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) continue;
}

const ASKS = {
  status: () => addon?.status(),
  preview: () => addon?.preview(),

  /** Flushes so many times, one after the other; answers what each of them said. */
  async flush({ withinMs = 5000, times = 1 }) {
    const said = [];
    for (let i = 0; i < times; i += 1) said.push(await addon?.flush(withinMs));
    return said;
  },

  /** What calls of `record` took since the last reset. */
  cost({ reset = false }) {
    const summary = costs();
    if (reset) {
      cost = createHistogram();
      waitedBefore = waited();
    }
    return summary;
  },

  /** Calls of `record`, and the sums over the turns that were taken in. */
  truth,

  /** Memory in bytes, and what the process has open. */
  usage: () => ({ ...process.memoryUsage(), files: fs.readdirSync('/proc/self/fd').length, threads: fs.readdirSync('/proc/self/task').length }),

  /** Makes turns by itself, faster than requests could, so many at once, and looks at the books all the time. */
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

  /** Holds so much more memory, and touches it. */
  ballast({ mebibytes }) {
    for (let i = 0; i < mebibytes; i += 1) held.ballast.push(Buffer.alloc(1 << 20, i + 1));
    return process.memoryUsage.rss();
  },

  /** Lets the process run out by itself. */
  leave() {
    setImmediate(() => process.disconnect());
  },
};

async function drive({ perSecond, bytes, forMs, atOnce = 1 }) {
  const book = { looks: 0, wrong: [], maxQueued: 0, maxQueuedBytes: 0, maxRss: 0, longestMs: 0 };
  const begun = performance.now();
  let last = begun;
  let made = 0;
  for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - begun) {
    const due = Math.floor((elapsed * perSecond) / 1000) - made;
    // A machine that cannot keep up makes fewer turns; it does not make up for them in one go.
    const now = due < atOnce ? 0 : Math.min(due, Math.max(atOnce, perSecond / 20));
    const finished = Array.from({ length: now }, () => turns.next(bytes));
    for (const one of finished) handOver(one);
    made += now;
    look(book);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    book.longestMs = Math.max(book.longestMs, performance.now() - last);
    last = performance.now();
  }
  return { ...book, made };
}

function look(book) {
  book.looks += 1;
  book.maxRss = Math.max(book.maxRss, process.memoryUsage.rss());
  const entries = addon?.status().entries;
  if (entries === undefined) return;
  const dropped = Object.values(entries.dropped).reduce((sum, one) => sum + one, 0);
  if (entries.accepted !== entries.processed + dropped + entries.queued && book.wrong.length < 10) book.wrong.push(entries);
  book.maxQueued = Math.max(book.maxQueued, entries.queued);
  book.maxQueuedBytes = Math.max(book.maxQueuedBytes, entries.queuedBytes);
}

function truth() {
  return { ...calls, ...turns.truth };
}

/** Microseconds; `waited` is how long in all this thread could have run and got no processor. */
function costs() {
  const at = (percentile) => cost.percentile(percentile) / 1000;
  return { count: cost.count, median: at(50), p99: at(99), max: cost.count > 0 ? cost.max / 1000 : 0, waited: (waited() - waitedBefore) / 1000 };
}

/** Zero where the system does not say. */
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
    process.send({ final: { status: addon?.status(), truth: truth(), cost: costs() } }, () => process.exit(0));
  });
  process.send({ port: server.address().port, status });
});

/** With the parent everything is gone that kept it alive. */
process.on('disconnect', () => {
  server.close();
  server.closeAllConnections();
});

process.on('message', async ({ id, ask, options = {} }) => {
  try {
    process.send({ id, answer: await ASKS[ask](options) });
  } catch (error) {
    process.send({ id, error: error.message });
  }
});
