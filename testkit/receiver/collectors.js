'use strict';

const addon = require('../..');
const { startReceiver } = require('./receiver');

/**
 * Receivers for one test file. Call it at the top of the file: after each test it shuts the addon down and closes them.
 * An open port would keep Jest from ending, even after a test that fails.
 * @returns {() => Promise<import('./receiver').Receiver>} starts one
 */
function collectors() {
  const receivers = [];
  afterEach(async () => {
    await addon.shutdown(1);
    await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
  });
  return async () => {
    const receiver = await startReceiver();
    receivers.push(receiver);
    return receiver;
  };
}

module.exports = { collectors };
