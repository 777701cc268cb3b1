'use strict';

const path = require('node:path');

/** A config that needs the user's approval. */
const ELSEWHERE = { tier: 1, endpoint: 'https://collector.invalid' };
/** How a message describes that config. */
const ASKED = 'tier 1 to https://collector.invalid';

/** @returns {string} the file with the user's approvals */
function approvalsIn(home) {
  return path.join(home, '.ccxray', 'otel-trust.json');
}

/** @returns {string} the message of the config error that `action` throws */
function messageOf(action) {
  try {
    action();
  } catch ({ code, message }) {
    expect(code).toBe('CCXRAY_OTEL_CONFIG');
    return message;
  }
  throw new Error('nothing was thrown');
}

module.exports = { ELSEWHERE, ASKED, approvalsIn, messageOf };
