'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { differencesOf, isEqual } = require('./report');
const { since } = require('./scenarios/versions');

/*
 * Where the repository says which versions were verified: a table in the README and in its translation, and the catalogs.
 */

const ROOT = path.resolve(__dirname, '../..');
const PAGES = ['README.md', 'docs/README.zh-TW.md'];
/** A row of the table, by the label of the client and its version. */
const rowOf = (label, version) => new RegExp(`^\\| ${label} \\| ${version.replaceAll('.', '\\.')} \\|.*$`, 'm');
/** The line under the heading of the table. */
const HEAD = /^\| (?:agent|代理) \| .*\n\|(?:---\|)+\n/m;
/** Catalogs that a run of these clients verifies. */
const CATALOGS = {
  claude: ['anthropic-agent-types', 'anthropic-skills', 'anthropic-tools', 'anthropic-wire', 'compactions', 'error-types', 'file-writes', 'mcp-tools', 'permission-modes', 'stop-reasons'],
  codex: ['codex-agent-types', 'codex-tools', 'compactions', 'error-types', 'file-writes', 'mcp-tools', 'permission-modes', 'request-kinds', 'responses-wire', 'stop-reasons'],
};
const BY_RUN = /; npm run test:agents: [^"]*$/;

/**
 * @param {object[]} outcomes of one client
 * @returns {{scenarios: string, figures: string}} how many are equal; `of` how many, if some differ
 */
function countsOf(outcomes) {
  const figures = outcomes.reduce((sum, { rows }) => sum + rows.length, 0);
  const differing = outcomes.reduce((sum, outcome) => sum + differencesOf(outcome).length, 0);
  return { scenarios: share(outcomes.filter(isEqual).length, outcomes.length), figures: share(figures - differing, figures) };
}

/**
 * A page with the row of a client and version in its table, in which the newest version of each client stands first.
 * @param {string} page
 * @param {{label: string, version: string, date: string, scenarios: string, figures: string}} row
 * @returns {string}
 * @throws {Error} if the page has no such table
 */
function withRow(page, { label, version, date, scenarios, figures }) {
  const line = `| ${label} | ${version} | ${date} | ${scenarios} | ${figures} |`;
  const head = HEAD.exec(page);
  if (!head) throw new Error('there is no table of verified versions');
  const start = head.index + head[0].length;
  const end = start + /^(?:\|.*\n)*/.exec(page.slice(start))[0].length;
  const others = page.slice(start, end).split('\n').filter((row) => row !== '' && !rowOf(label, version).test(row));
  return `${page.slice(0, start)}${[...others, line].toSorted(byVersion).join('\n')}\n${page.slice(end)}`;
}

/**
 * A catalog that says when, and with which versions, it was verified last. A version that is older than the one that it names
 * changes nothing.
 * @param {string} catalog JSON text
 * @param {string} date
 * @param {Record<string, string>} versions by the label of the client
 * @returns {string}
 */
function withVerification(catalog, date, versions) {
  return catalog.replace(/("last_verified_against": \{"date": ")([^"]*)(", "on": ")([^"]*)("\})/, (all, start, _, middle, on, end) => {
    const named = Object.fromEntries(Array.from((BY_RUN.exec(on)?.[0] ?? '').matchAll(/([A-Z][\w ]*) (\d[\w.]*)/g), ([, label, version]) => [label, version]));
    const newer = Object.entries(versions).filter(([label, version]) => named[label] === undefined || since(named[label])(version));
    if (newer.length === 0) return all;
    const text = Object.entries({ ...named, ...Object.fromEntries(newer) }).map((pair) => pair.join(' ')).join(', ');
    return `${start}${date}${middle}${on.replace(BY_RUN, '')}; npm run test:agents: ${text}${end}`;
  });
}

/**
 * Writes the result of a complete run into the pages and the catalogs.
 * @param {{name: string, label: string, version: string, outcomes: object[]}[]} clients
 * @param {string} date `YYYY-MM-DD`
 * @returns {string[]} the files that have changed, relative to the repository
 */
function writeVerified(clients, date) {
  const changed = [];
  const edit = (file, change) => {
    const before = fs.readFileSync(path.join(ROOT, file), 'utf8');
    const after = change(before);
    if (after === before) return;
    fs.writeFileSync(path.join(ROOT, file), after);
    changed.push(file);
  };
  for (const page of PAGES) {
    edit(page, (text) => clients.reduce((sofar, { label, version, outcomes }) => withRow(sofar, { label, version, date, ...countsOf(outcomes) }), text));
  }
  const equal = clients.filter(({ outcomes }) => outcomes.every(isEqual));
  for (const catalog of new Set(equal.flatMap(({ name }) => CATALOGS[name]))) {
    const versions = Object.fromEntries(equal.filter(({ name }) => CATALOGS[name].includes(catalog)).map(({ label, version }) => [label, version]));
    edit(`src/catalog/${catalog}.json`, (text) => withVerification(text, date, versions));
  }
  return changed;
}

module.exports = { countsOf, withRow, withVerification, writeVerified };

function byVersion(...rows) {
  const [[label, version], [other, older]] = rows.map((row) => row.split('|').slice(1, 3).map((cell) => cell.trim()));
  if (label !== other) return label < other ? -1 : 1;
  return since(older)(version) ? -1 : 1;
}

function share(part, whole) {
  return part === whole ? String(whole) : `${part} of ${whole}`;
}
