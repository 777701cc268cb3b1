'use strict';

/** An addon that never sends anything: what waits for it would wait for ever. */
module.exports = {
  init: () => ({ state: 'active', tier: 1, warnings: [] }),
  record: () => true,
  status: () => ({ state: 'active', tier: 1 }),
  flush: () => new Promise(() => {}),
  shutdownSync: (timeoutMs) => {
    if (timeoutMs > 100) throw new Error('the exit takes more than is left of its time');
    return false;
  },
};
