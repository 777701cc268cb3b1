'use strict';

/** An addon that starts, and then fails in every call. */
function fail() {
  throw new Error('the addon failed');
}

module.exports = {
  init: () => ({ state: 'active', tier: 1, warnings: [] }),
  record: fail,
  status: fail,
  launch: fail,
  inspect: fail,
  notice: fail,
  flush: () => Promise.reject(new Error('the addon failed')),
  shutdownSync: fail,
};
