'use strict';

const { count } = require('./lines');
const { wrap } = require('./wrap');

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
  const { skipped: { copies, imported }, without: { ambiguous, missing, unreadable }, withoutRequest, tooLarge } = logs;
  const lines = [`Computed from your logs, as if one process had counted all of them: ${count(recorded, 'turn')}${since === undefined ? '' : ` since ${since}`} in ${directory}`];
  const omitted = [
    [copies, 'copies of a response'], [imported, 'imported'], [malformed, 'not JSON'], [tooLarge, 'larger than 64 MiB'], [failed, 'that this package could not read'],
  ].filter(([amount]) => amount > 0).map(([amount, what]) => `${amount.toLocaleString('en-US')} ${what}`);
  if (omitted.length > 0) lines.push(`Lines left out: ${omitted.join(', ')}`);
  const withoutResponse = ambiguous + missing + unreadable;
  const unread = [[withoutResponse, 'response'], [withoutRequest, 'request']].filter(([amount]) => amount > 0).map(([amount, what]) => `the ${what} of ${count(amount, 'turn')}`);
  lines.push(`Not in your logs: ${['rate-limit headers', ...unread].join(', ')}. What they tell is missing here.`);
  return lines.flatMap((line) => wrap(line, { indent: 2 }));
}

module.exports = { linesOfSource };
