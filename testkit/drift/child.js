'use strict';

/*
 * Runs the steps of a file with the addon, and prints the results of all steps as JSON:
 *
 *     node child.js PLAN
 *
 * A plan is a list of `[step, ...arguments]`. The steps are listed below.
 */

const fs = require('node:fs');

const addon = require('../..');
const { eventually, sleep } = require('../waiting');
const { toolTurn } = require('./turns');

const STEPS = {
  init: (options) => addon.init(options).state,
  record: (entry, parts) => addon.record(entry, parts),
  /** Records turns that call one tool each, every one a different tool. */
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
  /** Creates a file for which another process waits. */
  mark: (file) => fs.writeFileSync(file, ''),
  until: (file) => eventually(() => fs.existsSync(file), Boolean),
  read: (file) => fs.readFileSync(file, 'utf8'),
};

async function main([plan]) {
  const results = [];
  for (const [step, ...args] of JSON.parse(fs.readFileSync(plan, 'utf8'))) results.push((await STEPS[step](...args)) ?? null);
  process.stdout.write(JSON.stringify(results));
}

void main(process.argv.slice(2));
