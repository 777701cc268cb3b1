'use strict';

const path = require('node:path');

/** What a project asks for that needs the engineer's word. */
const ELSEWHERE = { tier: 1, endpoint: 'https://collector.invalid' };
/** The same as its engineer is told. */
const ASKED = 'tier 1 to https://collector.invalid';

/** @returns {string} the file that notes what the engineer has allowed */
function recordsIn(home) {
  return path.join(home, '.ccxray', 'otel-trust.json');
}

/** What the error says that `action` throws. */
function messageOf(action) {
  try {
    action();
  } catch ({ code, message }) {
    expect(code).toBe('CCXRAY_OTEL_CONFIG');
    return message;
  }
  throw new Error('nothing was thrown');
}

module.exports = { ELSEWHERE, ASKED, recordsIn, messageOf };
