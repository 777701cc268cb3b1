'use strict';

/** An addon that does nothing, in the state that `OUTSPOKEN` says as JSON, and has two things to warn of. */
const status = { tier: 1, warnings: ['the first\nwarning', 'the second'], ...JSON.parse(process.env.OUTSPOKEN) };

module.exports = {
  init: () => status,
  record: () => true,
  status: () => status,
  shutdown: () => Promise.resolve(),
  shutdownSync: () => true,
};
