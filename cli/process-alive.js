'use strict';

/**
 * @param {number} pid 0 stands for none
 * @returns {boolean} whether a process with this id exists
 */
function isAlive(pid) {
  // To signal 0 is to signal the group of this process.
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user cannot be signalled, but is alive.
    return error.code === 'EPERM';
  }
}

module.exports = { isAlive };
