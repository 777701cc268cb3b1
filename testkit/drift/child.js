'use strict';

/*
 * Does with the addon what a file says, step by step, and prints what every step gave as JSON:
 *
 *     node child.js PLAN
 *
 * A plan is a list of `[step, ...arguments]`, where a step is one of those below.
 */

const fs = require('node:fs');

const addon = require('../..');
const { eventually, sleep } = require('../waiting');
const { toolTurn } = require('./turns');

const STEPS = {
  init: (options) => addon.init(options).state,
  record: (entry, parts) => addon.record(entry, parts),
  /** Turns that call one tool each, of which no two are the same. */
  recordTools: (prefix, count) => Array.from({ length: count }, (_, i) => addon.record(toolTurn(`${prefix}${i}`))).every(Boolean),
  flush: (timeoutMs = 5000) => addon.flush(timeoutMs),
  status: () => addon.status(),
  report: (options) => addon.report(options),
  async shutdown() {
    const began = performance.now();
    await addon.shutdown();
    return performance.now() - began;
  },
  exit: () => process.exit(0),
  wait: sleep,
  /** Tells whoever looks for the file. */
  mark: (file) => fs.writeFileSync(file, ''),
  until: (file) => eventually(() => fs.existsSync(file), Boolean),
  read: (file) => fs.readFileSync(file, 'utf8'),
};

async function main([plan]) {
  const given = [];
  for (const [step, ...args] of JSON.parse(fs.readFileSync(plan, 'utf8'))) given.push((await STEPS[step](...args)) ?? null);
  process.stdout.write(JSON.stringify(given));
}

void main(process.argv.slice(2));
