'use strict';

const { table } = require('../../cli/table');
const { FROM_LEDGER, STATED } = require('./figures');

/** Columns of the table: what is compared often enough to be looked at, and a heading for each. */
const COLUMNS = {
  turns: 'turns', sessions: 'sessions', calls: 'calls', tools: 'tools', mcp: 'mcp', skills: 'skills', subagents: 'agents', errors: 'errors',
  compactions: 'compact', modes: 'modes', files: 'files', input: 'input', output: 'output', cacheRead: 'read', cacheWrite: 'write', cost: 'USD',
};

/** Files that a summary names at most. */
const MOST_FILES = 5;

/** @returns {object[]} the rows of an outcome in which the two figures differ */
function differencesOf({ rows }) {
  return rows.filter(({ want, got }) => want !== got);
}

/** @returns {boolean} whether everything went as the scenario says */
function isEqual(outcome) {
  return differencesOf(outcome).length === 0 && outcome.problems.length === 0;
}

/**
 * The table of a run: one line for each scenario, one column for each figure. A figure that differs is written `got≠want`.
 * @param {object[]} outcomes see `runScenario`
 * @returns {string[]} lines
 */
function tableOf(outcomes) {
  const rows = outcomes.map((outcome) => [
    isEqual(outcome) ? 'ok' : 'DIFFERS', outcome.name, ...Object.keys(COLUMNS).map((figure) => cellOf(outcome.rows, [figure])), cellOf(outcome.rows, restOf()), String(outcome.rows.length),
  ]);
  return table([['', 'scenario', ...Object.values(COLUMNS), 'others', 'compared'], ...rows]);
}

/**
 * What differs, in words.
 * @param {object} outcome
 * @returns {string[]} lines
 */
function wordsOf(outcome) {
  const differences = differencesOf(outcome).map(({ figure, key, want, got }) => `${outcome.name}: ${metricOf(figure)}${key === '' ? '' : ` (${key})`} is ${got} instead of ${want}`);
  return [...outcome.problems.map((problem) => `${outcome.name}: ${problem}`), ...differences];
}

/**
 * The end of a report.
 * @param {object} run `{outcomes, versions, host, running, stray, isVerified, mutant}`
 * @returns {string[]} lines
 */
function summaryOf({ outcomes, versions, host, running, stray, isVerified, mutant }) {
  const equal = outcomes.filter(isEqual).length;
  const figures = outcomes.reduce((sum, { rows }) => sum + rows.length, 0);
  const differing = outcomes.reduce((sum, outcome) => sum + differencesOf(outcome).length, 0);
  return [
    `${equal} of ${outcomes.length} scenarios equal, ${figures - differing} of ${figures} figures, through ${host}.`,
    ...Object.entries(versions).map(([label, version]) => `${isVerified ? 'Verified' : 'Not verified'}: ${label} ${version}${mutant ? `, with the broken addon ${mutant}` : ''}.`),
    ...(outcomes.some(({ left }) => left.length > 0) ? [`${outcomes.filter(({ left }) => left.length > 0).length} scenarios left a process running, which was ended.`] : []),
    running.length === 0 ? 'No process runs any more.' : `Still running at the end: ${running.join(', ')}.`,
    stray.length === 0 ? 'Nothing was written outside of the scratch folders.' : `${stray.length} ${stray.length === 1 ? 'file was' : 'files were'} written in the private /tmp, which is gone: ${stray.slice(0, MOST_FILES).join(', ')}.`,
  ];
}

/**
 * The run as JUnit XML.
 * @param {object} run as above
 * @returns {string}
 */
function junitOf({ outcomes, versions, host }) {
  const properties = Object.entries({ ...versions, host }).map(([name, value]) => `    <property name="${escaped(name)}" value="${escaped(value)}"/>`);
  const cases = outcomes.map((outcome) => {
    const head = `  <testcase classname="${escaped(outcome.client)}" name="${escaped(outcome.name)}" time="${outcome.seconds.toFixed(2)}"`;
    if (isEqual(outcome)) return `${head}/>`;
    return `${head}>\n    <failure message="${escaped(wordsOf(outcome)[0])}">${escaped(wordsOf(outcome).join('\n'))}</failure>\n  </testcase>`;
  });
  const failures = outcomes.filter((outcome) => !isEqual(outcome)).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="test:agents" tests="${outcomes.length}" failures="${failures}">`,
    '  <properties>', ...properties, '  </properties>', ...cases, '</testsuite>', '',
  ].join('\n');
}

/**
 * The run as JSON.
 * @param {object} run as above, with `unseen`
 * @returns {object}
 */
function jsonOf({ outcomes, versions, host, running, stray, unseen, date }) {
  return {
    date,
    host,
    versions,
    isEqual: outcomes.every(isEqual),
    running,
    stray,
    unseen,
    scenarios: outcomes.map(({ name, client, about, seconds, rows, problems, left }) => ({ name, client, about, seconds, problems, left, figures: rows })),
  };
}

module.exports = { tableOf, wordsOf, summaryOf, junitOf, jsonOf, isEqual, differencesOf };

function restOf() {
  return [...Object.keys(STATED), ...Object.keys(FROM_LEDGER)].filter((figure) => !Object.hasOwn(COLUMNS, figure));
}

function cellOf(rows, figures) {
  const own = rows.filter(({ figure }) => figures.includes(figure));
  const sum = (field) => own.reduce((total, row) => total + row[field], 0);
  const isSame = own.every(({ want, got }) => want === got);
  if (isSame) return sum('got') === 0 ? '.' : shown(sum('got'));
  return `${shown(sum('got'))}≠${shown(sum('want'))}`;
}

/** Costs have many digits. */
function shown(value) {
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

function metricOf(figure) {
  return (STATED[figure] ?? FROM_LEDGER[figure])[0];
}

function escaped(text) {
  // Characters that XML does not have, such as the escapes of a terminal, are left out.
  return String(text).replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
