'use strict';

/**
 * @param {number} pid
 * @returns {boolean} whether a process with this id exists
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user cannot be signalled, but is alive.
    return error.code === 'EPERM';
  }
}

module.exports = { isAlive };
