'use strict';

const path = require('node:path');

/*
 * The addon's one line on standard error, to the letter, so that any other line beside it fails a test, and a second one too.
 */

/** By whose word the numbers go. */
const WORD = { own: 'your own word', loopback: 'nothing leaves this machine', managed: 'CCXRAY_OTEL_TRUST', allowed: 'allowed by you' };

/**
 * @param {string} endpoint a base URL without a slash at its end
 * @param {string} [word] one of `WORD`
 * @returns {string} what is printed for a project at tier 1
 */
function on(endpoint, word = WORD.own) {
  return `ccxray-otel: on (tier 1, anonymous), numbers go to ${endpoint}/v1/metrics (${word})\n`;
}

/**
 * @param {string} reason as the status has it
 * @returns {string} what is printed for a project that asks for telemetry and has none
 */
function nothing(reason) {
  return `ccxray-otel: nothing is sent: ${reason}\n`;
}

/**
 * @param {string} directory a project's
 * @param {string} terms what its config asks for
 * @param {string} [file] where it asks
 * @returns {string} the reason why nothing is sent before the engineer has said a word
 */
function untrusted(directory, terms, file = '.ccxray.json') {
  return `untrusted: ${path.join(directory, file)} asks for ${terms}; ${cure(directory)}`;
}

/**
 * @param {string} directory a project's
 * @param {string} changes what is different
 * @returns {string} the reason why nothing is sent after a change
 */
function changed(directory, changes) {
  return `untrusted: ${path.join(directory, '.ccxray.json')} has changed since you allowed it: ${changes}; ${cure(directory)}`;
}

/** What is to be typed: a directory whose name would say something to a shell stands in quotes. */
function cure(directory) {
  const word = /^[\p{Alphabetic}\p{N}\-_./]*$/u.test(directory) ? directory : `'${directory.replaceAll("'", String.raw`'\''`)}'`;
  return `allow it with: npx @ccxray/otel-native trust ${word}`;
}

module.exports = { on, nothing, untrusted, changed, WORD };
