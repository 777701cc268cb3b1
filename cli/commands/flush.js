'use strict';

const fs = require('node:fs');

const { EXIT } = require('../errors');
const { wrap } = require('../wrap');

const text = 'deliver now what waits, of all projects: what ended processes could not deliver';
const options = {
  timeout: { type: 'string', value: 'SECONDS', upTo: 60, text: 'how long each project may take (default: 10)' },
};

const SHUTDOWN_MS = 2000;

async function run({ terminal, values, place, addon }) {
  const { timeout = 10, json } = values;
  const before = addon().pending(place).filter(({ isRunning, periodEndMs }) => !isRunning && !(periodEndMs > Date.now()));
  const results = [];
  for (const directory of new Set(before.map((file) => file.directory))) {
    terminal.progress(`Delivering ${directory ?? 'what your own settings have sent'}`);
    results.push({ directory, ...await deliver(addon(), { ...place, cwd: directory ?? place.cwd }, timeout * 1000) });
  }
  terminal.progress('');
  const left = addon().pending(place);
  // The hour or the day of the others goes on.
  const waiting = left.filter(({ isRunning, periodEndMs }) => !isRunning && !(periodEndMs > Date.now()));
  if (json) terminal.json({ delivered: before.length - waiting.length, results, left });
  else terminal.out(...linesOf(before, waiting, left, results));
  return waiting.length === 0 ? EXIT.ON : EXIT.FAILING;
}

/** Starts the telemetry of a project, which delivers what waits for it, and ends it. */
async function deliver(addon, place, timeoutMs) {
  if (!fs.statSync(place.cwd, { throwIfNoEntry: false })?.isDirectory()) return { problem: `${place.cwd} is not there any more.` };
  try {
    const { state, reason } = addon.init({ ...place, env: { ...place.env, CCXRAY_OTEL_NOTICE: '0' } });
    if (state !== 'active') return { problem: reason };
    const isDelivered = await addon.deliverPending(timeoutMs);
    return isDelivered ? {} : { problem: addon.status().exports.lastError ?? 'There was no answer in time.' };
  } catch (error) {
    if (error.code !== 'CCXRAY_OTEL_CONFIG') throw error;
    return { problem: error.message };
  } finally {
    await addon.shutdown(SHUTDOWN_MS);
  }
}

function linesOf(before, waiting, left, results) {
  if (before.length === 0) return [left.length === 0 ? 'Nothing waits to be delivered.' : 'Nothing can be sent now: it belongs to running processes, or to an hour or a day that has not ended.'];
  const problems = results.filter(({ problem }) => problem !== undefined);
  return [
    `Delivered: ${before.length - waiting.length} of ${before.length}`,
    ...problems.flatMap(({ directory, problem }) => wrap(`  ${directory ?? 'your own settings'}: ${problem}`, { indent: 4 })),
  ];
}

module.exports = { text, options, takesMissingDirectory: true, run };
