'use strict';

const path = require('node:path');

/*
 * The one line that the addon prints on standard error. Tests compare all of standard error with it, so that any
 * further line fails a test.
 */

/** Why the addon may send, as the line names it. */
const APPROVAL = { own: 'your own word', loopback: 'nothing leaves this machine', managed: 'CCXRAY_OTEL_TRUST', allowed: 'allowed by you' };

/**
 * @param {string} endpoint a base URL without a slash at its end
 * @param {string} [approval] one of `APPROVAL`
 * @returns {string} what is printed for a project at tier 1
 */
function on(endpoint, approval = APPROVAL.own) {
  return `ccxray-otel: on (tier 1, anonymous), numbers go to ${endpoint}/v1/metrics (${approval})\n`;
}

/**
 * @param {string} reason as in the status
 * @returns {string} what is printed for a project whose config turns telemetry on while nothing is sent
 */
function nothing(reason) {
  return `ccxray-otel: nothing is sent: ${reason}\n`;
}

/**
 * @param {string} directory of the project
 * @param {string} terms what its config asks for
 * @param {string} [file] the config's name
 * @returns {string} the reason why nothing is sent before the user approves
 */
function untrusted(directory, terms, file = '.ccxray.json') {
  return `untrusted: ${path.join(directory, file)} asks for ${terms}; ${cure(directory)}`;
}

/**
 * @param {string} directory of the project
 * @param {string} changes what is different
 * @returns {string} the reason why nothing is sent after a change
 */
function changed(directory, changes) {
  return `untrusted: ${path.join(directory, '.ccxray.json')} has changed since you allowed it: ${changes}; ${cure(directory)}`;
}

/** The command to type. A directory whose name has a meaning for a shell is quoted. */
function cure(directory) {
  const argument = /^[\p{Alphabetic}\p{N}\-_./]*$/u.test(directory) ? directory : `'${directory.replaceAll("'", String.raw`'\''`)}'`;
  return `allow it with: npx @ccxray/otel-native trust ${argument}`;
}

module.exports = { on, nothing, untrusted, changed, APPROVAL };
