'use strict';

/** The longest line. A path can have thousands of characters. */
const LIMIT = 2048;
const NAME = 'ccxray-otel: ';

/**
 * Prints one line on standard error. Uses `console.error`, because a plain write to a closed stderr ends the process.
 *
 * @param {string} text with or without the name of this program at its beginning
 */
function say(text) {
  const line = text.replace(/\s+/g, ' ').trim().slice(0, LIMIT);
  try {
    // oxlint-disable-next-line no-console
    console.error(line.startsWith(NAME) ? line : NAME + line);
  } catch {
    // The host has replaced `console`. A lost line must not stop it.
  }
}

/** @returns {string} the message of anything that was thrown */
function messageOf(error) {
  try {
    return String(error?.message ?? error);
  } catch {
    return 'unknown error';
  }
}

module.exports = { say, messageOf };
