'use strict';

const fs = require('node:fs');
const path = require('node:path');

const NAME = 'parser-drift.log';
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * `parser-drift.log` of an engineer.
 * @param {string} home
 */
function logOf(home) {
  const directory = path.join(home, '.ccxray');
  const file = path.join(directory, NAME);
  return {
    directory,
    file,

    /** Whether there is one, or a predecessor of it. */
    isThere: () => namesIn(directory).length > 0,

    /** Its lines, each of which must be one JSON object. */
    lines: () => linesOf(file),

    /** Names of the log and of its predecessors, the newest first. */
    names: () => namesIn(directory),

    /** The lines of the log and of its predecessors. */
    allLines: () => namesIn(directory).flatMap((name) => linesOf(path.join(directory, name))),

    text: () => fs.readFileSync(file, 'utf8'),

    /** Puts lines where the log is, each as text or as an object. */
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
 * @param {object} [more] fields beside or instead of the usual ones; `daysAgo`: when it was seen last
 */
function line(token, { daysAgo = 0, ...more } = {}) {
  const lastSeen = new Date(Date.now() - daysAgo * DAY_MS - 1000).toISOString();
  return { category: 'tool', provider: 'anthropic', token, firstSeen: lastSeen, lastSeen, count: 1, ...more };
}

/** How often what is in some lines was seen. */
function totalOf(lines) {
  return lines.reduce((sum, { count }) => sum + count, 0);
}

/** Counts by what they count. A kind that is there twice is told as `twice`. */
function countsOf(lines) {
  const counts = {};
  for (const { category, token, hash, count } of lines) {
    const kind = `${category} ${token ?? hash ?? '-'}`;
    counts[kind] = kind in counts ? 'twice' : count;
  }
  return counts;
}

function linesOf(file) {
  const text = fs.readFileSync(file, 'utf8');
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${file} ends within a line: ${text.slice(-100)}`);
  return text.split('\n').slice(0, -1).map((one) => {
    const value = JSON.parse(one);
    if (value === null || typeof value !== 'object') throw new Error(`a line is no object: ${one}`);
    return value;
  });
}

function namesIn(directory) {
  const names = fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => /^parser-drift\.log(\.\d+)?$/.test(name)) : [];
  names.sort();
  return names;
}

module.exports = { logOf, line, countsOf, totalOf, NAME, DAY_MS };
