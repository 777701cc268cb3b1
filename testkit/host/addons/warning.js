'use strict';

/** An addon that does nothing and has two warnings. Its state is the JSON in `STATUS`. */
const status = { tier: 1, warnings: ['the first\nwarning', 'the second'], ...JSON.parse(process.env.STATUS) };

module.exports = {
  init: () => status,
  record: () => true,
  status: () => status,
  shutdown: () => Promise.resolve(),
  shutdownSync: () => true,
};
