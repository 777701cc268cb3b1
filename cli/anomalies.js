'use strict';

const { repository } = require('../package.json');
const { table } = require('./table');

/** Where an issue is filed. */
const ISSUES = repository.url.replace(/^git\+/, '').replace(/\.git$/, '/issues');

/** Stands for further names when a table is full. It is not a name. */
const OVERFLOW = '_overflow_';

/** The mismatches that say nothing about this package. */
const FIGURES = new Set(['token_sum', 'cost']);

/** What each category costs. `isName`: it may be a name of your own, which `known_names` can contain. */
const CATEGORIES = {
  tool: { cost: 'at tier 1 these tools are sent as "custom"', isName: true },
  model: { cost: 'at tier 1 these models are sent as "other"', isName: true },
  agent_type: { cost: 'at tier 1 these agent types are sent as "custom"', isName: true },
  mcp_format: { cost: 'these calls are not counted for any MCP server' },
  skill_marker: { cost: 'these skills are not counted' },
  stop_reason: { cost: 'these stop reasons are sent as "other"' },
  error_type: { cost: 'these errors are sent as "other"' },
  permission_mode: { cost: 'these permission modes are sent as "other"' },
  provider: { cost: 'these turns are counted for the provider "other"' },
  tool_input: { cost: 'skills and dangerous commands in these calls are not counted' },
  wire: { cost: 'this part of the response is not read, so some numbers may be too low' },
  fallback: { cost: 'the fact is taken from a less exact source' },
  mismatch: { cost: 'two counts of the same thing differ. Tokens and cost are sent as the response has them; docs/metrics.md says when' },
  unreadable: { cost: 'nothing of this part is counted' },
};

/** A category of a later version. */
const UNKNOWN_CATEGORY = { cost: 'unknown to this version' };

/**
 * @param {object} report as the addon returns it
 * @param {string} issueCommand the command that prints the text of an issue
 * @returns {string[]} what was not recognised, in lines for people
 */
function linesOfReport({ days, count, categories, file, unreadableLines, unreadableFiles }, issueCommand) {
  if (file === undefined) return ['There is no home directory, so there is no file to read. To name one, set HOME.'];
  const span = `in ${amount(days, 'day')}`;
  const lines = count === 0
    ? [`Nothing unknown was seen ${span} (${file})`]
    : [`${count === 1 ? '1 thing was' : `${count} things were`} not recognised ${span} (${file})`, ...categories.flatMap(linesOfCategory), ...howToFile(categories, issueCommand)];
  if (unreadableLines > 0) lines.push('', `Lines of the file that cannot be read: ${unreadableLines}`);
  if (unreadableFiles.length > 0) lines.push('', ...unreadableFiles.map((unread) => `This file cannot be read: ${unread}`));
  return lines;
}

/** How to report what only a later version of this package can recognise. */
function howToFile(categories, issueCommand) {
  if (categories.every(isExplained)) return [];
  return ['', 'To file an issue, print its text without names, and post it there:', `  ${issueCommand}`, `  ${ISSUES}`];
}

/** Whether a category has only figures that differ. They need no cure. */
function isExplained({ category, kinds, samples }) {
  return category === 'mismatch' && kinds === samples.length && samples.every(({ token }) => FIGURES.has(token));
}

function linesOfCategory(reported) {
  const { category, count, kinds, firstSeenAtMs, samples, differences } = reported;
  const { cost, isName } = CATEGORIES[category] ?? UNKNOWN_CATEGORY;
  const names = isName ? samples.map(({ token }) => token).filter((token) => token !== undefined && token !== OVERFLOW) : [];
  const more = kinds > samples.length ? [`  … and ${kinds - samples.length} more`] : [];
  const cures = isExplained(reported) ? [] : curesOf([...new Set(names)]);
  return [
    '',
    `${category}: ${times(count)}, ${kinds} different, first on ${day(firstSeenAtMs)}`,
    ...table([['  cost:', cost], ...cures.map((cure) => ['  cure:', cure])], { isWrapped: true }),
    ...samples.map(lineOfSample),
    ...more,
    ...linesOfDifferences(differences ?? []),
  ];
}

/** A table of the tokens and the cost that differ: the sums over the turns in which they do. */
function linesOfDifferences(differences) {
  if (differences.length === 0) return [];
  const rows = differences.map(({ figure, turns, ccxray, response }) => {
    const text = figure === 'cost' ? dollars : whole;
    return [figure === 'cost' ? 'cost in USD' : figure, whole(turns), text(ccxray), text(response)];
  });
  const lines = table([['differs', 'turns', 'ccxray shows', 'response (sent)'], ...rows], { align: ['left', 'right', 'right', 'right'] });
  return lines.map((line) => `  ${line}`);
}

function whole(count) {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

function dollars(usd) {
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 6 });
}

/** A name may be one of the user's own. Everything else is recognised only by a later version of this package. */
function curesOf(names) {
  if (names.length === 0) return ['file an issue'];
  const [they, quoted] = [names.length === 1 ? 'it is' : 'they are', names.map((name) => `"${name}"`).join(', ')];
  return [`if ${they} your own, add ${quoted} to known_names`, 'if not, file an issue'];
}

function lineOfSample({ provider, token, hash, agentVersion, count, lastSeenAtMs }) {
  const name = token ?? hash ?? '-';
  const version = agentVersion === undefined ? '' : ` ${agentVersion}`;
  return `  ${name}  ${provider}${version}, ${times(count)}, last on ${day(lastSeenAtMs)}`;
}

function times(count) {
  return count === 1 ? 'once' : `${count} times`;
}

function amount(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function day(unixMs) {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 10);
}

module.exports = { linesOfReport };
