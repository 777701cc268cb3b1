'use strict';

const fs = require('node:fs');

/** The field of `/proc/PID/stat` with the start of a process, counted from the one behind its name. */
const START_FIELD = 19;

/**
 * When a process was started, so that a later process with the same number is told from it.
 *
 * @param {number} pid
 * @returns {string|undefined} `undefined` where the system does not say
 */
function startOf(pid) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses and can contain anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[START_FIELD];
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @param {string|undefined} start what `startOf` has returned for it
 * @returns {boolean} whether that process still runs
 */
function isRunning(pid, start) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It runs, and belongs to another user.
    if (error.code !== 'EPERM') return false;
  }
  return start === undefined || startOf(pid) === start;
}

module.exports = { startOf, isRunning };
