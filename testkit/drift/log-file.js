'use strict';

const fs = require('node:fs');
const path = require('node:path');

const NAME = 'parser-drift.log';
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Reads and writes the `parser-drift.log` of a user.
 * @param {string} home
 */
function logOf(home) {
  const directory = path.join(home, '.ccxray');
  const file = path.join(directory, NAME);
  return {
    directory,
    file,

    /** Whether the log or a rotated one exists. */
    exists: () => namesIn(directory).length > 0,

    /** The lines of the log. Each must be one JSON object. */
    lines: () => linesOf(file),

    /** The names of the log and of the rotated ones, newest first. */
    names: () => namesIn(directory),

    /** The lines of the log and of the rotated ones. */
    allLines: () => namesIn(directory).flatMap((name) => linesOf(path.join(directory, name))),

    text: () => fs.readFileSync(file, 'utf8'),

    /** Writes lines into the log, each as text or as an object. */
    put(lines, name = NAME) {
      fs.mkdirSync(directory, { recursive: true });
      const texts = lines.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
      fs.writeFileSync(path.join(directory, name), `${texts.join('\n')}\n`);
    },
  };
}

/**
 * A line as the addon writes it.
 * @param {string} token
 * @param {object} [more] fields that are added or replaced; `daysAgo` is when it was last seen
 */
function line(token, { daysAgo = 0, ...more } = {}) {
  const lastSeen = new Date(Date.now() - daysAgo * DAY_MS - 1000).toISOString();
  return { category: 'tool', provider: 'anthropic', token, firstSeen: lastSeen, lastSeen, count: 1, ...more };
}

/** The sum of the counts of some lines. */
function totalOf(lines) {
  return lines.reduce((sum, { count }) => sum + count, 0);
}

/** The count of each anomaly. It is `duplicate` for one that occurs in two lines. */
function countsOf(lines) {
  const counts = {};
  for (const { category, token, hash, count } of lines) {
    const anomaly = `${category} ${token ?? hash ?? '-'}`;
    counts[anomaly] = anomaly in counts ? 'duplicate' : count;
  }
  return counts;
}

function linesOf(file) {
  const text = fs.readFileSync(file, 'utf8');
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${file} ends within a line: ${text.slice(-100)}`);
  return text.split('\n').slice(0, -1).map((one) => {
    const value = JSON.parse(one);
    if (value === null || typeof value !== 'object') throw new Error(`this line is not an object: ${one}`);
    return value;
  });
}

function namesIn(directory) {
  const names = fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => /^parser-drift\.log(\.\d+)?$/.test(name)) : [];
  names.sort();
  return names;
}

module.exports = { logOf, line, countsOf, totalOf, NAME, DAY_MS };
