'use strict';

const fs = require('node:fs');

const TRIES = 50;
const PAUSE_MS = 100;
const asleep = new Int32Array(new SharedArrayBuffer(4));

/**
 * Removes a directory in which a thread that is shutting down may still write. `maxRetries` of `fs.rmSync` does not
 * help: it lists the directory only once, so a file that is written later keeps the directory from being removed.
 *
 * @throws {Error} if files are still being written after five seconds
 */
function clearAway(directory) {
  for (let tries = 1; ; tries += 1) {
    try {
      fs.rmSync(directory, { recursive: true, force: true });
      return;
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' || tries === TRIES) throw error;
      Atomics.wait(asleep, 0, 0, PAUSE_MS);
    }
  }
}

module.exports = { clearAway };
