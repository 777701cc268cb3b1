'use strict';

const path = require('node:path');

const { asks } = require('./notice');

/** A config that needs approval. */
const ELSEWHERE = { tier: 1, endpoint: 'https://collector.invalid' };
/** What it asks for. */
const ASKED = asks('https://collector.invalid');

/** @returns {string} the file that records approvals */
function approvalsIn(home) {
  return path.join(home, '.ccxray', 'otel-trust.json');
}

/** The message of the error that `action` throws. */
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
