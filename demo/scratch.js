'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { clearAway } = require('../testkit/scratch/clear-away');

const SIGNALS = ['SIGINT', 'SIGTERM'];

/**
 * Runs `work` with an empty directory of its own, which is gone afterwards, also when a signal ends the process.
 * @param {(directory: string) => Promise<T>} work
 * @returns {Promise<T>} what `work` resolves to
 * @template T
 */
async function withScratch(work) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-otel-'));
  const end = (signal) => {
    clear();
    // Without our handler the signal does what it always does, so that the caller sees what ended us.
    process.kill(process.pid, signal);
  };
  const clear = () => {
    for (const signal of SIGNALS) process.off(signal, end);
    clearAway(directory);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    return await work(directory);
  } finally {
    clear();
  }
}

module.exports = { withScratch };
