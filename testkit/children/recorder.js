'use strict';

/*
 * A process that records turns while its exports may fail:
 *
 *     node recorder.js INIT PLAN
 *
 * INIT are the options of `init`. PLAN:
 * - `first`, `turns`: the number of its first turn, and how many there are
 * - `flushEvery`, `flushMs`: after how many turns it flushes, and within which time. 0: never
 * - `pauseMs`: the pause after each turn
 * - `end`: `order` shuts down. `hurry` does so `hurryMs` after the beginning of a flush, with one more turn. `wait` goes
 *   on until somebody kills it
 *
 * With telemetry off it ends at once. Prints a line of JSON for each event, at once, so that a kill hides nothing:
 * - `instance`: its instance id
 * - `attempted`: how many turns it has recorded, or is about to
 * - `confirmed`: how many turns of these are delivered or on the disk
 * - `repeated`: how many intervals of ended processes it has sent again
 * - `slowest`: the longest call of `record`, in milliseconds
 * - `final`: what became of the shutdown
 */

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const addon = require('../..');
const { turnOf } = require('../backends/fleet-turns');

/** Nobody waits longer for a kill. */
const MAX_WAIT_MS = 60_000;
const SHUTDOWN_MS = 1500;

const [init, plan] = process.argv.slice(2).map((argument) => JSON.parse(argument));
let recorded = 0;
let slowest = 0;

async function run() {
  if (addon.init(init).tier === 0) {
    // What else a start without telemetry does, it has done when the shutdown has ended.
    await addon.shutdown(SHUTDOWN_MS);
    return;
  }
  const instance = instanceOf(addon.preview());
  print({ instance });
  while (recorded < plan.turns) {
    record();
    if (plan.flushEvery > 0 && recorded % plan.flushEvery === 0) await flush(instance);
    await sleep(plan.pauseMs);
  }
  print({ slowest });
  if (plan.end === 'wait') {
    await sleep(MAX_WAIT_MS);
    throw new Error('nobody killed this process');
  }
  const flushed = plan.end === 'hurry' ? addon.flush(plan.flushMs) : undefined;
  if (flushed) {
    await sleep(plan.hurryMs);
    // Without it, the shutdown would have nothing to do but to wait.
    record();
  }
  await addon.shutdown(SHUTDOWN_MS);
  await flushed;
  const { delivered, consecutiveFailures, dropped, repeated } = addon.status().exports;
  print({ repeated, final: { isDelivered: delivered > 0 && consecutiveFailures === 0, dropped } });
}

function record() {
  print({ attempted: recorded + 1 });
  const begun = performance.now();
  if (!addon.record(turnOf(plan.first + recorded).line)) throw new Error('a turn was rejected');
  slowest = Math.max(slowest, performance.now() - begun);
  recorded += 1;
}

/** Flushes, and prints what is safe now: what was delivered, or what the first failure has put on the disk. */
async function flush(instance) {
  const count = recorded;
  const begun = performance.now();
  const isDelivered = await addon.flush(plan.flushMs);
  // If the time was over before, the export may still be under way, and its file as well.
  const isAnswered = performance.now() - begun < plan.flushMs;
  const { consecutiveFailures, repeated } = addon.status().exports;
  // Later failures write the file at most every half minute.
  const isStored = isAnswered && consecutiveFailures === 1 && hasFile(instance);
  if (isDelivered || isStored) print({ confirmed: count, repeated });
}

function hasFile(instance) {
  const directory = path.join(init.env.CCXRAY_HOME, 'otel', 'pending');
  return fs.existsSync(directory) && fs.readdirSync(directory).some((name) => name.endsWith(`-${instance}.otlp`));
}

function instanceOf(preview) {
  const { resource } = JSON.parse(preview).resourceMetrics[0];
  return resource.attributes.find(({ key }) => key === 'service.instance.id').value.stringValue;
}

function print(event) {
  fs.writeSync(1, `${JSON.stringify(event)}\n`);
}

void run();
