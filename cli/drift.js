'use strict';

/**
 * What the parsers did not understand, in lines for people.
 * @param {object} report as the addon gives it
 * @returns {string[]}
 */
function linesOf({ days, count, categories, file, unreadableLines, unreadableFiles }) {
  if (file === undefined) return ['it is not known where the engineer\'s files are: set HOME'];
  const where = ` (${file})`;
  const span = days === 1 ? 'the last day' : `the last ${days} days`;
  const lines = count === 0
    ? [`nothing in ${span} that was not understood${where}`]
    : [`${times(count)} in ${span} something was not understood${where}`, ...categories.flatMap(linesOfCategory)];
  if (unreadableLines > 0) lines.push('', `lines of the file that cannot be read: ${unreadableLines}`);
  if (unreadableFiles.length > 0) lines.push('', ...unreadableFiles.map((unread) => `cannot be read: ${unread}`));
  return lines;
}

function linesOfCategory({ category, count, kinds, firstSeenAtMs, samples }) {
  const more = kinds > samples.length ? [`  … and ${kinds - samples.length} more`] : [];
  const of = kinds === 1 ? '1 kind' : `${kinds} kinds`;
  return ['', `${category}: ${times(count)}, ${of}, first on ${day(firstSeenAtMs)}`, ...samples.map(lineOfSample), ...more];
}

function lineOfSample({ provider, token, hash, agentVersion, count, lastSeenAtMs }) {
  const name = token ?? hash ?? '-';
  const version = agentVersion === undefined ? '' : ` ${agentVersion}`;
  return `  ${name}  ${provider}${version}, ${times(count)}, last on ${day(lastSeenAtMs)}`;
}

function times(count) {
  return count === 1 ? 'once' : `${count} times`;
}

function day(unixMs) {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 10);
}

module.exports = { linesOf };
