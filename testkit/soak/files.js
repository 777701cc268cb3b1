'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The log and five rotated ones, of one megabyte each plus the last line. */
const MOST_LOGS = 6;
const MOST_LOG_BYTES = 1024 * 1024 + 8192;

/**
 * The problems of the files that the addon has left behind.
 * @param {string} directory of the addon
 * @param {string} secret which must be in none of them
 * @returns {string[]} sentences
 */
function problemsOfFiles(directory, secret) {
  if (!fs.existsSync(directory)) return ['the addon left no log behind'];
  const names = fs.readdirSync(directory, { recursive: true }).filter((name) => fs.statSync(path.join(directory, name)).isFile());
  const logs = names.filter((name) => name.startsWith('otel.log'));
  const problems = [];
  if (logs.length === 0) problems.push('the addon left no log behind');
  if (logs.length > MOST_LOGS) problems.push(`there are ${logs.length} logs`);
  for (const name of names) {
    const text = fs.readFileSync(path.join(directory, name), 'utf8');
    if (text.includes(secret)) problems.push(`${name} contains a secret`);
    if (path.basename(name).startsWith('status-')) problems.push(`${name} was left behind after the shutdown`);
    if (!logs.includes(name)) continue;
    if (text.length > MOST_LOG_BYTES) problems.push(`${name} has ${text.length} bytes`);
    const torn = text.split('\n').filter((line) => line !== '' && !isObject(line));
    if (torn.length > 0) problems.push(`${name} has ${torn.length} lines that are not JSON, such as ${torn[0].slice(0, 200)}`);
  }
  return problems;
}

function isObject(line) {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

module.exports = { problemsOfFiles };
