'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { CommandError, EXIT } = require('../cli/errors');
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
  const directory = makeDirectory(os.tmpdir());
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

/** @throws {CommandError} if that is not possible */
function makeDirectory(within) {
  try {
    return fs.realpathSync(fs.mkdtempSync(path.join(within, 'ccxray-otel-')));
  } catch (error) {
    throw new CommandError(EXIT.OFF, `No temporary directory can be made in ${within} (${error.code}).`, 'Set TMPDIR to a directory that you can write to.');
  }
}

module.exports = { withScratch };
