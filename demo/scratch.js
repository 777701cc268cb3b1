'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { clearAway } = require('./clear-away');

const SIGNALS = ['SIGINT', 'SIGTERM'];

/**
 * Runs `work` with a new directory, which is removed afterwards, even if a signal or `process.exit` ends the process.
 * @param {(directory: string) => Promise<T>} work
 * @param {{signals?: string[]}} [options] the signals that end the process; none if `work` takes care of them
 * @returns {Promise<T>} the result of `work`
 * @template T
 */
async function withScratch(work, { signals = SIGNALS } = {}) {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-otel-')));
  const end = (signal) => {
    clear();
    // Without our handler the signal has its usual effect, so that the caller sees what ended this process.
    process.kill(process.pid, signal);
  };
  const clear = () => {
    for (const signal of signals) process.off(signal, end);
    process.off('exit', clear);
    clearAway(directory);
  };
  for (const signal of signals) process.on(signal, end);
  process.on('exit', clear);
  try {
    return await work(directory);
  } finally {
    clear();
  }
}

module.exports = { withScratch };
