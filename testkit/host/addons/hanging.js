'use strict';

/** An addon that breaks its promise to be done within 2 s. */
module.exports = {
  init: () => ({ state: 'active', tier: 1, warnings: [] }),
  record: () => true,
  status: () => ({ state: 'active', tier: 1 }),
  shutdown: () => new Promise(() => {}),
  shutdownSync: () => {
    throw new Error('shutdownSync after shutdown used up its time');
  },
};
