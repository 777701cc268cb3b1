'use strict';

const fs = require('node:fs');

const TRIES = 50;
const PAUSE_MS = 100;
const asleep = new Int32Array(new SharedArrayBuffer(4));

/**
 * Removes a directory in which a telemetry that has not quite ended may still write. `maxRetries` of `fs.rmSync` is
 * not enough for that: it looks into the directory once, and what is written afterwards keeps it from being removed.
 *
 * @throws {Error} when somebody goes on writing for seconds
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
