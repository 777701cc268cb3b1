'use strict';

/** An addon whose shutdown does not end within the promised 2 seconds. */
module.exports = {
  init: () => ({ state: 'active', tier: 1, warnings: [] }),
  record: () => true,
  status: () => ({ state: 'active', tier: 1 }),
  shutdown: () => new Promise(() => {}),
  shutdownSync: () => {
    throw new Error('shutdownSync after shutdown used up its time');
  },
};
