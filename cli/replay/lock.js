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

/** The file appears with its content, so that no other process sees it empty. */
function acquire(file) {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, `${process.pid}\n`, { mode: 0o600 });
  try {
    while (!linked(draft, file)) {
      const pid = ownerOf(file);
      if (isAlive(pid)) throw new CommandError(EXIT.OFF, `Process ${pid} is sending your history already.`, 'Wait until it has ended.');
      removeStale(file);
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** @returns {boolean} whether the lock is this process's now */
function linked(draft, file) {
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes away the lock of a process that was killed. If another process has done so and has a lock now, it gets that back. */
function removeStale(file) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (isAlive(ownerOf(aside))) linked(aside, file);
  fs.rmSync(aside, { force: true });
}

/** The process that wrote the file; 0 if the file is gone, or is of another program. */
function ownerOf(file) {
  try {
    const pid = Number.parseInt(fs.readFileSync(file, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : 0;
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}

module.exports = { withLock };
