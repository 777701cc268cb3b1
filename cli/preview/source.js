'use strict';

const { count } = require('./lines');
const { wrap } = require('../wrap');

/**
 * @param {string|undefined} directory of the logs
 * @param {import('../history/logs').Logs|undefined} logs undefined if there are none
 * @param {object} summary of the dry run
 * @param {string|undefined} since as the user wrote it
 * @returns {string[]} what the preview is computed from
 */
function linesOfSource(directory, logs, summary, since) {
  if (logs === undefined) return wrap(`There are no logs in ${directory ?? 'your home directory'} yet, so the names in your turns are not known. To name another directory: --logs DIR`);
  const { recorded, malformed, failed } = summary;
  return [
    ...wrap(`Computed from your logs, as if one process had counted all of them: ${count(recorded, 'turn')}${since === undefined ? '' : ` since ${since}`} of all projects in ${directory}`, { indent: 2 }),
    ...leftOutLines(logs, { 'not JSON': malformed, 'that this package could not read': failed }).flatMap((line) => wrap(line, { indent: 2 })),
  ];
}

/**
 * @param {import('../history/logs').Logs} logs whose turns were read
 * @param {Record<string, number>} [more] further reasons to leave out lines
 * @returns {string[]} what is left out, and what the logs do not have
 */
function leftOutLines({ skipped: { copies, imported }, without: { ambiguous, missing, unreadable }, withoutRequest, tooLarge }, more = {}) {
  const reasons = { 'copies of a response': copies, imported, 'larger than 64 MiB': tooLarge, ...more };
  const omitted = Object.entries(reasons).filter(([, amount]) => amount > 0).map(([what, amount]) => `${amount.toLocaleString('en-US')} ${what}`);
  const absent = { response: ambiguous + missing + unreadable, request: withoutRequest };
  const unread = Object.entries(absent).filter(([, amount]) => amount > 0).map(([what, amount]) => `the ${what} of ${count(amount, 'turn')}`);
  return [
    ...omitted.length > 0 ? [`Lines left out: ${omitted.join(', ')}`] : [],
    `Not in your logs: ${['rate-limit headers', ...unread].join(', ')}. What they tell is missing here.`,
  ];
}

module.exports = { leftOutLines, linesOfSource };
