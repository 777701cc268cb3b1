'use strict';

const addon = require('../..');
const { startReceiver } = require('./receiver');

/**
 * Receivers of one test file. To be called at its top: after each test the telemetry is shut down and they are closed,
 * also where a test fails before its end, for an open port keeps Jest from ending.
 * @returns {() => Promise<object>} starts one
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
