'use strict';

// The CPU time of single threads of this process. Only Linux reports it.

const { readFileSync, readdirSync } = require('node:fs');

/**
 * @param {string} name as the thread has named itself
 * @returns {string | undefined} its number
 */
function findThread(name) {
  return readdirSync('/proc/self/task').find((tid) => readComm(tid) === name);
}

function readComm(tid) {
  try {
    return readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').trim();
  } catch {
    return undefined; // it ended between the listing and the reading
  }
}

/**
 * First field of schedstat: the time on a CPU.
 *
 * @param {string | number} tid
 * @returns {number | undefined} microseconds; undefined if the kernel does not account it, or the thread has ended
 */
function readCpuMicros(tid) {
  try {
    return Number(readFileSync(`/proc/self/task/${tid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  } catch {
    return undefined;
  }
}

module.exports = { findThread, readCpuMicros };
