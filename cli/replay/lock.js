'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { CommandError, EXIT } = require('../errors');
const { isAlive } = require('../process-alive');

/**
 * Runs `work` while no other process does the same: two of them would send the same days.
 * @param {string} directory ccxray's own
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {CommandError} if another process is at work
 * @template T
 */
async function withLock(directory, work) {
  const file = path.join(directory, 'otel', 'replay.lock');
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  acquire(file);
  const release = () => fs.rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function acquire(file) {
  for (;;) {
    try {
      fs.writeFileSync(file, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = ownerOf(file);
    if (pid !== undefined && isAlive(pid)) throw new CommandError(EXIT.OFF, `Process ${pid} is sending your history already.`, 'Wait until it has ended.');
    // Its owner was killed.
    fs.rmSync(file, { force: true });
  }
}

/** The process that wrote the file; undefined if there is none, or it has just begun to write. */
function ownerOf(file) {
  try {
    const pid = Number.parseInt(fs.readFileSync(file, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

module.exports = { withLock };
