'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { run } = require('../process/run');
const { Markers } = require('./markers');
const { startCanaryReceiver, startDecoy } = require('./receiver');
const { plantedTurns } = require('./turns');
const { createSandbox } = require('./sandbox');

/**
 * Runs one process in a new sandbox, with a new receiver.
 * @param {object} cell
 * @param {string} cell.root the directory for the sandbox
 * @param {number} cell.number different for each run
 * @param {number} cell.seed
 * @param {object} cell.otel see `createSandbox`
 * @param {string} [cell.fault] of the receiver. Default: `healthy`
 * @param {'given'|'withheld'|'revoked'} [cell.consent] Default: `given`
 * @returns {Promise<Run>} `{child, plan, markers, sandbox, receiver, decoyCalls}`
 */
async function runCanary({ root, number, seed, otel, fault = 'healthy', consent = 'given' }) {
  const [forSandbox, ...streams] = [0, 1, 2].map((part) => number * 3 + part);
  const markers = new Markers(forSandbox, seed);
  const decoy = await startDecoy();
  const mint = (kind = 'content') => markers.mint(kind, 'an answer of the receiver');
  const receiver = await startCanaryReceiver({ fault, elsewhere: decoy.endpoint, mint });
  try {
    const within = path.join(root, `sandbox-${number}`);
    fs.mkdirSync(within);
    const sandbox = createSandbox({ root: within, markers, otel, endpoint: receiver.endpoint, elsewhere: decoy.endpoint });
    const plan = { seed: seed + number, streams, places: sandbox.places, consent, ...(fault === 'reset' ? SHORT : LONG) };
    const argument = markers.mint('content', 'an argument of the process');
    const child = await run('canary/child.js', [JSON.stringify(plan), `--resume=${argument}`], { cwd: sandbox.places.own, env: sandbox.env, withinMs: 40_000 });
    return { child, plan, markers, sandbox, receiver, decoyCalls: decoy.calls };
  } finally {
    await Promise.all([receiver.close(), decoy.close()]);
  }
}

/**
 * What a process recorded, and all of its markers.
 * @param {Run} run
 * @returns {{launches: {records: object[]}[], planted: Map}} see `plantedTurns` and `Markers`
 */
function plantedFor({ plan: { seed, streams, places }, markers }) {
  const launches = SOURCES.map((source, i) => plantedTurns({ seed, stream: streams[i], source, places }));
  const planted = new Map([markers, ...launches].flatMap((one) => Array.from(one.planted)));
  return { launches, planted };
}

/**
 * Runs tasks in order, `width` of them at a time.
 * @template T
 * @param {(() => Promise<T>)[]} tasks
 * @param {number} width
 * @returns {Promise<T>[]} one for each task
 */
function runLimited(tasks, width) {
  const lines = Array.from({ length: width }, () => Promise.resolve());
  return tasks.map((task, i) => {
    const result = lines[i % width].then(task);
    // The caller sees a failure in its result. The next task runs anyway.
    lines[i % width] = result.catch(() => {});
    return result;
  });
}

/** What the two launches of a process record. */
const SOURCES = ['captured', 'synthetic'];
/** How long each launch waits for its flush and its shutdown. Most answers are final and come at once. */
const LONG = { flushMs: [5000, 5000], shutdownMs: 2000 };
/** A broken connection is retried until the deadline, and only a retry in the second launch can succeed. */
const SHORT = { flushMs: [500, 4000], shutdownMs: 500 };

module.exports = { runCanary, plantedFor, runLimited };
