'use strict';

// What a start costs if files of ended processes wait to be delivered, beside one without. Each start has its own process.

const { mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { randomUUID } = require('node:crypto');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const addonOf = require('./addon');
const sinkOf = require('./sink');
const payloads = require('../demo/traffic/payloads');
const { call, serve } = require('./child');
const { findThread, readCpuMicros } = require('./threads');
const { startGate } = require('../testkit/pending/gate');
const { median } = require('../testkit/timing');

const FILE_THREAD = 'ccxray-files';
const INTERVAL_MS = 3_600_000;
/** The turns of one file. */
const TURNS = 8;
const FLUSH_MS = 60_000;
/** So long the export of an ended process tries in vain. */
const VAIN_MS = 300;
/** So much of the name of a file is the same for all files of a project. */
const KEY_LENGTH = 17;

/**
 * @param {object} options
 * @param {number} options.rounds processes per case
 * @param {number} options.files how many files wait
 * @param {string} [options.addon] module to measure. Default: this package
 * @returns {Promise<{rows: {init: number, initWithFiles: number, fileThread: number, delivered: number}} | {cannot: string}>}
 *   medians in ms: `init` on the JS thread without and with files, CPU of the file-writer thread until all files are delivered,
 *   and the time until then
 */
async function measure({ rounds, files, addon }) {
  if (process.platform !== 'linux') return { cannot: `no CPU time per thread on ${process.platform}` };
  const sink = await sinkOf.start();
  const gate = await startGate(sink.base);
  try {
    gate.set('down');
    const waiting = await call(__filename, { step: 'leave', endpoint: gate.endpoint, addon });
    gate.set('up');
    const samples = { none: [], some: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, count] of round % 2 === 0 ? [['none', 0], ['some', files]] : [['some', files], ['none', 0]]) {
        samples[name].push(await call(__filename, { step: 'start', endpoint: gate.endpoint, addon, waiting, count }));
      }
    }
    const of = (name, key) => median(samples[name].map((sample) => sample[key]));
    return { rows: { init: of('none', 'init'), initWithFiles: of('some', 'init'), fileThread: of('some', 'fileThread'), delivered: of('some', 'delivered') } };
  } finally {
    await gate.close();
    await sink.close();
  }
}

const STEPS = { leave, start };

/** Leaves a file, as a process does that ends during an outage. */
async function leave({ endpoint, addon: path }) {
  const addon = addonOf.start({ endpoint, intervalMs: INTERVAL_MS, path });
  try {
    record(addon);
    await addon.api.flush(VAIN_MS);
    const directory = pendingIn(addon.home);
    const name = readdirSync(directory).find((one) => one.endsWith('.otlp'));
    return { key: name.slice(0, KEY_LENGTH), content: readFileSync(join(directory, name), 'base64') };
  } finally {
    await addon.close();
  }
}

/** Starts with so many files, and delivers them. */
async function start({ endpoint, addon: path, waiting, count }) {
  const prepare = (home) => {
    mkdirSync(pendingIn(home), { recursive: true, mode: 0o700 });
    const content = Buffer.from(waiting.content, 'base64');
    for (let i = 0; i < count; i += 1) writeFileSync(join(pendingIn(home), `${waiting.key}${randomUUID()}.otlp`), content, { mode: 0o600 });
  };
  const addon = addonOf.start({ endpoint, intervalMs: INTERVAL_MS, path, prepare });
  try {
    const begun = performance.now();
    record(addon);
    const isDelivered = await addon.api.flush(FLUSH_MS);
    const delivered = performance.now() - begun;
    const left = readdirSync(pendingIn(addon.home)).filter((name) => name.endsWith('.otlp'));
    if (!isDelivered || left.length > 0) throw new Error(`${left.length} files were not delivered`);
    const thread = findThread(FILE_THREAD);
    if (thread === undefined) throw new Error(`no thread is named ${FILE_THREAD}`);
    // Its last work has no answer.
    await sleep(20);
    return { init: addon.initMs, delivered, fileThread: readCpuMicros(thread) / 1000 };
  } finally {
    await addon.close();
  }
}

function record({ api }) {
  for (const { line, response } of payloads.turns(TURNS, 'ascii')) api.record(line, { response });
}

function pendingIn(home) {
  return join(home, '.ccxray', 'otel', 'pending');
}

if (require.main === module) serve(({ step, ...options }) => STEPS[step](options));

module.exports = { measure };
