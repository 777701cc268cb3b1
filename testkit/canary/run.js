'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { run } = require('../process/run');
const { Markers } = require('./markers');
const { startCanaryReceiver, startDecoy } = require('./receiver');
const { plantedTurns } = require('./turns');
const { createWorld } = require('./world');

/**
 * Runs a process in a world of its own, with a receiver of its own.
 * @param {object} cell
 * @param {string} cell.root where there is room for the world
 * @param {number} cell.number no two runs have the same
 * @param {number} cell.seed
 * @param {object} cell.otel see `createWorld`
 * @param {string} [cell.manner] of the receiver. Default `well`
 * @param {'given'|'withheld'|'taken back'} [cell.consent] Default `given`
 * @returns {Promise<Run>} `{child, plan, markers, world, receiver, decoyCalls}`
 */
async function runCanary({ root, number, seed, otel, manner = 'well', consent = 'given' }) {
  const [forWorld, ...streams] = [0, 1, 2].map((part) => number * 3 + part);
  const markers = new Markers(forWorld, seed);
  const decoy = await startDecoy();
  const mint = () => markers.mint('content', 'an answer of the receiver');
  const receiver = await startCanaryReceiver({ manner, elsewhere: decoy.endpoint, mint });
  try {
    const within = path.join(root, `world-${number}`);
    fs.mkdirSync(within);
    const world = createWorld({ root: within, markers, otel, endpoint: receiver.endpoint, elsewhere: decoy.endpoint });
    const plan = { seed: seed + number, streams, places: world.places, consent, ...(manner === 'reset' ? IMPATIENT : PATIENT) };
    const argument = markers.mint('content', 'an argument of the process');
    const child = await run('canary/child.js', [JSON.stringify(plan), `--resume=${argument}`], { cwd: world.places.own, env: world.env, withinMs: 40_000 });
    return { child, plan, markers, world, receiver, decoyCalls: decoy.calls };
  } finally {
    await Promise.all([receiver.close(), decoy.close()]);
  }
}

/**
 * What a process was given to record, and all markers there were.
 * @param {Run} run
 * @returns {{launches: {records: object[]}[], planted: Map}} see `plantedTurns` and `Markers`
 */
function plantedFor({ plan: { seed, streams, places }, markers }) {
  const launches = SOURCES.map((source, i) => plantedTurns({ seed, stream: streams[i], source, places }));
  const planted = new Map([markers, ...launches].flatMap((one) => Array.from(one.planted)));
  return { launches, planted };
}

/**
 * Starts so many at a time, in order.
 * @template T
 * @param {(() => Promise<T>)[]} tasks
 * @param {number} width
 * @returns {Promise<T>[]} one for each
 */
function inTurn(tasks, width) {
  const lines = Array.from({ length: width }, () => Promise.resolve());
  return tasks.map((task, i) => {
    const result = lines[i % width].then(task);
    // Whoever waits for the result hears of it; the next one goes on.
    lines[i % width] = result.catch(() => {});
    return result;
  });
}

/** What the two launches of a process record. */
const SOURCES = ['captured', 'synthetic'];
/** How long each launch waits for its flush, and for its end. Nearly every answer is the last word and comes at once. */
const PATIENT = { flushMs: [5000, 5000], shutdownMs: 2000 };
/** A connection that breaks is tried again until the time is over, and only the second launch has something to gain. */
const IMPATIENT = { flushMs: [500, 4000], shutdownMs: 500 };

module.exports = { runCanary, plantedFor, inTurn };
