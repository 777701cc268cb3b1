'use strict';

const path = require('node:path');

/*
 * The addon's one line on standard error, exactly, so that a different line or a second one fails a test.
 */

const CLI = path.join(__dirname, '..', 'cli.js');

/** Why a project may export. */
const BASIS = { own: 'your own settings', loopback: 'anonymous numbers to a receiver on this machine, which may forward them', managed: 'CCXRAY_OTEL_TRUST', approved: 'approved by you' };

/** What is sent, by tier. */
const WHAT = { 1: 'anonymous numbers (tier 1)', 2: 'numbers with the name that you choose (tier 2)' };

/** How often it is sent, by tier. */
const RHYTHM = { 1: 'in each interval, so the receiver sees when you work', 2: 'at most once an hour; at tier 1 in each interval' };

/** The last line of all terms. */
const NEVER_SENT = 'Never sent: prompts, code, file names.';

/**
 * What a project asks for.
 * @param {string} endpoint as it is shown
 * @param {string[]} [details] the lines of everything else
 * @param {1 | 2} [tier]
 * @param {'minute'} [resolution] if the project sets it
 * @returns {{tier: number, terms: string, sentence: string}} `terms` as in `status()`, `sentence` as in a reason
 */
function asks(endpoint, details = [], tier = 1, resolution = undefined) {
  const uncapitalized = details.map((detail) => `; ${detail[0].toLowerCase()}${detail.slice(1)}`);
  return {
    tier,
    terms: [`Send: ${WHAT[tier]}`, `To: ${endpoint}`, `How often: ${resolution === 'minute' ? RHYTHM[1] : RHYTHM[tier]}`, ...details, NEVER_SENT].join('\n'),
    sentence: `send ${WHAT[tier]} to ${endpoint}${uncapitalized.join('')}`,
  };
}

/**
 * @param {string} variable its name
 * @param {string} use what it is read for
 * @returns {string} the detail of a project that reads a variable
 */
function reads(variable, use) {
  return `It will read your variable ${variable} ${use}`;
}

/**
 * @param {string} endpoint a base URL without a slash at its end
 * @param {string} [basis] one of `BASIS`
 * @returns {string} what is printed for a project at tier 1
 */
function on(endpoint, basis = BASIS.own) {
  return `ccxray-otel: on (tier 1, anonymous). Sending to ${endpoint}/v1/metrics (${basis}).\n`;
}

/**
 * @param {string} endpoint scheme, host and port
 * @param {string} [basis] one of `BASIS`
 * @returns {string} what is printed for a project at tier 1 with the protocol grpc
 */
function onGrpc(endpoint, basis = BASIS.own) {
  return `ccxray-otel: on (tier 1, anonymous). Sending to ${endpoint} (${basis}).\n`;
}

/**
 * @param {string} reason as in the status
 * @returns {string} what is printed for a project that asks for telemetry and has none
 */
function nothing(reason) {
  return `ccxray-otel: nothing is sent: ${reason}\n`;
}

/**
 * @param {string} directory a project's
 * @param {{sentence: string}} asked what its config asks for
 * @param {string} [file] the file that asks
 * @returns {string} the reason why nothing is sent before an approval
 */
function untrusted(directory, asked, file = '.ccxray.json') {
  return `untrusted: You have not approved this project yet. ${path.join(directory, file)} asks to ${asked.sentence}. ${cure(directory)}`;
}

/**
 * @param {string} directory a project's
 * @param {string} changes what is different
 * @returns {string} the reason why nothing is sent after a change
 */
function changed(directory, changes) {
  return `untrusted: ${path.join(directory, '.ccxray.json')} has changed since you approved it: ${changes}. ${cure(directory)}`;
}

/** The command to type. It names the program with its path; a path with special characters is in quotes. */
function cure(directory) {
  return `To approve: ${[process.execPath, CLI].map(quoted).join(' ')} trust ${quoted(directory)}`;
}

function quoted(word) {
  return /^[\p{Alphabetic}\p{N}\-_./]*$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

module.exports = { asks, reads, on, onGrpc, nothing, untrusted, changed, BASIS };
