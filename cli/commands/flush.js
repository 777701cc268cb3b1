'use strict';

const fs = require('node:fs');

const { EXIT } = require('../errors');
const { wrap } = require('../wrap');

const text = 'deliver now what waits, of all projects: what ended processes have left, and hours or days that have ended';
const options = {
  timeout: { type: 'string', value: 'SECONDS', upTo: 60, text: 'how long each project may take (default: 10)' },
};

const SHUTDOWN_MS = 2000;

async function run({ terminal, values, place, addon }) {
  const { timeout = 10, json } = values;
  const before = ready(addon().pending(place));
  const results = [];
  for (const directory of new Set(before.map((file) => file.directory))) {
    terminal.progress(`Delivering ${directory ?? 'what your own settings have sent'}`);
    const waited = before.filter((file) => file.directory === directory);
    const result = await deliver(addon(), { ...place, cwd: directory ?? place.cwd }, timeout * 1000);
    const left = ready(addon().pending(place)).filter((file) => file.directory === directory);
    results.push({ directory, ...outcome(waited, left, result) });
  }
  terminal.progress('');
  const left = addon().pending(place);
  const delivered = results.reduce((sum, result) => sum + result.delivered, 0);
  if (json) terminal.json({ delivered, results, left });
  else terminal.out(...linesOf(before, left, delivered, results));
  return ready(left).length === 0 ? EXIT.ON : worst(results);
}

/** The files that can be sent now. Others belong to a running process, or to an hour or a day that goes on. */
function ready(files) {
  return files.filter(({ isRunning, periodEndMs }) => !isRunning && !(periodEndMs > Date.now()));
}

/** Starts the telemetry of a project, which delivers what waits for it, and ends it. */
async function deliver(addon, place, timeoutMs) {
  if (!fs.statSync(place.cwd, { throwIfNoEntry: false })?.isDirectory()) return { problem: `${place.cwd} is not there any more.` };
  try {
    const { state, reason, endpoint } = addon.init({ ...place, env: { ...place.env, CCXRAY_OTEL_NOTICE: '0' } });
    if (state !== 'active') return { problem: reason, isUnapproved: reason?.startsWith('untrusted:'), isOff: state === 'disabled' };
    const isDelivered = await addon.deliverPending(timeoutMs);
    const { exports } = addon.status();
    return { deleted: exports.deleted, endpoint, ...isDelivered ? {} : { problem: exports.lastError ?? 'There was no answer in time.' } };
  } catch (error) {
    if (error.code !== 'CCXRAY_OTEL_CONFIG') throw error;
    return { problem: error.message };
  } finally {
    await addon.shutdown(SHUTDOWN_MS);
  }
}

/** What has become of the files of one project. */
function outcome(waited, left, { problem, deleted = 0, endpoint, isOff, isUnapproved }) {
  const gone = waited.length - left.length;
  // Telemetry that is off has sent nothing.
  const removed = isOff ? gone : Math.min(deleted, gone);
  const elsewhere = endpoint === undefined ? undefined : left.find((file) => file.endpoint !== endpoint);
  return {
    delivered: gone - removed,
    deleted: removed,
    ...elsewhere ? { problem: `It waits for ${elsewhere.endpoint}. The config names ${endpoint}.` } : problem === undefined ? {} : { problem },
    ...isOff ? { exitCode: isUnapproved ? EXIT.UNAPPROVED : EXIT.OFF } : {},
  };
}

/** The exit code of the project that is worst off: a backend that fails, an approval that lacks, telemetry that is off. */
function worst(results) {
  const codes = results.filter(({ problem }) => problem !== undefined).map(({ exitCode }) => exitCode ?? EXIT.FAILING);
  return Math.max(EXIT.OFF, ...codes);
}

function linesOf(before, left, delivered, results) {
  if (before.length === 0) return left.length === 0 ? ['Nothing waits to be delivered.'] : wrap('Nothing can be sent now: it belongs to running processes, or to an hour or a day that has not ended.');
  const deleted = results.reduce((sum, result) => sum + result.deleted, 0);
  return [
    `Delivered: ${delivered} of ${before.length}`,
    ...deleted === 0 ? [] : wrap(`Deleted, not sent: ${deleted}. The config does not allow it any more, or it was damaged.`),
    ...results.filter(({ problem }) => problem !== undefined).flatMap(({ directory, problem }) => wrap(`  ${directory ?? 'your own settings'}: ${problem}`, { indent: 4 })),
  ];
}

module.exports = { text, options, takesMissingDirectory: true, run };
