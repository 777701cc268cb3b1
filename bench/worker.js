'use strict';

// The cost of one turn in CPU time of the worker thread. Only Linux reports the CPU time of a single thread within
// its process.

const addonOf = require('./addon');
const adversarial = require('./adversarial');
const payloads = require('../demo/traffic/payloads');
const sinkOf = require('./sink');
const { serve } = require('./child');
const { findThread, readCpuMicros } = require('./threads');
const { median } = require('../testkit/timing');

const WORKER = 'ccxray-worker';
const POOL = 8;
const INTERVAL_MS = 3_600_000;

/** Entries per sample: enough for the resolution of the clock, and far below the bounds of the queue. */
const LINES = 512;
const RESPONSES = 128;
const ADVERSARIAL = 8;

/**
 * @param {object} options
 * @param {number} options.rounds samples per row
 * @param {string} [options.addon] module to measure. Default: this package
 * @returns {Promise<{rows: Record<string, {cpu: number, wall: number, process: number}>, entries: object} | {cannot: string}>}
 *   microseconds per turn: CPU of the worker, time until it was done, CPU of all threads but the JS thread
 */
async function run({ rounds, addon: path }) {
  if (process.platform !== 'linux') return { cannot: `no CPU time per thread on ${process.platform}` };
  const sink = await sinkOf.start();
  const addon = addonOf.start({ endpoint: sink.base, intervalMs: INTERVAL_MS, path });
  try {
    // A thread sets its own name. After its first work, it has done so.
    addon.api.record(payloads.turn(0, 'ascii').line);
    await addon.drained();
    const tid = findThread(WORKER);
    if (tid === undefined) return { cannot: `no thread is named ${WORKER}` };
    if (readCpuMicros(tid) === undefined) return { cannot: 'this kernel does not account CPU time per thread' };
    const samples = {};
    const cases = casesOf(addon.api);
    for (let round = -1; round < rounds; round += 1) {
      for (const { name, count, call } of cases) {
        const sample = await measure({ addon, tid, count, call });
        if (round >= 0) (samples[name] ??= []).push(sample);
      }
    }
    return { rows: mapValues(samples, middle), entries: addon.entries() };
  } finally {
    await addon.close();
    await sink.close();
  }
}

function casesOf({ record }) {
  const cases = [];
  for (const script of ['ascii', 'cjk']) {
    const turns = payloads.turns(POOL, script);
    const strings = turns.map(({ line, response }) => [line, { response }]);
    const bytes = turns.map(({ line, response }) => [Buffer.from(line), { response: Buffer.from(response) }]);
    const suffix = script === 'ascii' ? 'Ascii' : 'Cjk';
    cases.push(
      { name: `line${suffix}`, count: LINES, call: (i) => record(turns[i % POOL].line) },
      { name: `turn${suffix}`, count: RESPONSES, call: (i) => record(...strings[i % POOL]) },
      { name: `turnBytes${suffix}`, count: RESPONSES, call: (i) => record(...bytes[i % POOL]) },
    );
  }
  const [line, commands, names] = [payloads.turn(0, 'ascii').line, adversarial.commands(), adversarial.names()];
  cases.push(
    { name: 'adversarialCommands', count: ADVERSARIAL, call: () => record(line, { response: commands }) },
    { name: 'adversarialNames', count: ADVERSARIAL, call: () => record(names) },
  );
  return cases;
}

async function measure({ addon, tid, count, call }) {
  const before = { cpu: readCpuMicros(tid), js: readCpuMicros(process.pid), all: process.cpuUsage() };
  const start = performance.now();
  for (let i = 0; i < count; i += 1) call(i);
  await addon.drained();
  const wall = (performance.now() - start) * 1000;
  const all = process.cpuUsage(before.all);
  const js = readCpuMicros(process.pid) - before.js;
  return {
    cpu: (readCpuMicros(tid) - before.cpu) / count,
    wall: wall / count,
    process: (all.user + all.system - js) / count,
  };
}

function middle(samples) {
  const of = (key) => median(samples.map((sample) => sample[key]));
  return { cpu: of('cpu'), wall: of('wall'), process: of('process') };
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

if (require.main === module) serve(run);

module.exports = { run };
