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
 *   on until it is killed
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
const { setTimeout: sleep } = require('node:timers/promises');

const addon = require('../..');
const { turnOf } = require('../backends/fleet-turns');
const { storedTurns } = require('../pending/stored-turns');

/** A kill comes earlier. */
const MAX_WAIT_MS = 60_000;
const SHUTDOWN_MS = 1500;

const [init, plan] = process.argv.slice(2).map((argument) => JSON.parse(argument));
let recorded = 0;
let slowest = 0;
/** How many turns the backend has confirmed, and how many are safe. */
let delivered = 0;
let confirmed = 0;
/** Whether the file is about to be removed, because all of it is delivered. */
let isStale = false;

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
  const { exports } = addon.status();
  print({ repeated: exports.repeated, final: { isDelivered: exports.delivered > 0 && exports.consecutiveFailures === 0, dropped: exports.dropped } });
}

function record() {
  print({ attempted: recorded + 1 });
  const begun = performance.now();
  if (!addon.record(turnOf(plan.first + recorded).line)) throw new Error('a turn was rejected');
  slowest = Math.max(slowest, performance.now() - begun);
  recorded += 1;
}

/** Flushes, and prints what is safe now: what was delivered, or what is on the disk. */
async function flush(instance) {
  const count = recorded;
  const isDelivered = await addon.flush(plan.flushMs);
  // On a disk that hangs, this thread would hang as well.
  const stored = process.env.HANGING_DISK_FILE === undefined ? storedTurns(init, instance) : 0;
  if (isDelivered) {
    delivered = count;
    // Until it is removed, its turns are among the delivered ones.
    isStale = stored > 0;
  } else isStale &&= stored > 0;
  const isDelta = addon.status().temporality === 'delta';
  const kept = isStale ? 0 : stored + (isDelta ? delivered : 0);
  confirmed = Math.max(confirmed, delivered, kept);
  print({ confirmed, repeated: addon.status().exports.repeated });
}

function instanceOf(preview) {
  const { resource } = JSON.parse(preview).resourceMetrics[0];
  return resource.attributes.find(({ key }) => key === 'service.instance.id').value.stringValue;
}

function print(event) {
  fs.writeSync(1, `${JSON.stringify(event)}\n`);
}

void run();
