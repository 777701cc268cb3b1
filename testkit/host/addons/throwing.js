'use strict';

/** An addon that starts and then fails at everything. */
function fail() {
  throw new Error('the addon is out of order');
}

module.exports = {
  init: () => ({ state: 'active', tier: 1, warnings: [] }),
  record: fail,
  status: fail,
  shutdown: () => Promise.reject(new Error('the addon is out of order')),
  shutdownSync: fail,
};
