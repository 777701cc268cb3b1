'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** A log and five older ones, one megabyte each, and a line that went over. */
const MOST_LOGS = 6;
const MOST_LOG_BYTES = 1024 * 1024 + 8192;

/**
 * What is wrong with the files that the addon has left behind.
 * @param {string} directory its own
 * @param {string} secret what is in none of them
 * @returns {string[]} sentences
 */
function wrongWithFiles(directory, secret) {
  if (!fs.existsSync(directory)) return ['the addon left no log behind'];
  const names = fs.readdirSync(directory, { recursive: true }).filter((name) => fs.statSync(path.join(directory, name)).isFile());
  const logs = names.filter((name) => name.startsWith('otel.log'));
  const wrong = [];
  if (logs.length === 0) wrong.push('the addon left no log behind');
  if (logs.length > MOST_LOGS) wrong.push(`there are ${logs.length} logs`);
  for (const name of names) {
    const text = fs.readFileSync(path.join(directory, name), 'utf8');
    if (text.includes(secret)) wrong.push(`${name} holds a secret`);
    if (path.basename(name).startsWith('status-')) wrong.push(`${name} was left behind after the shutdown`);
    if (!logs.includes(name)) continue;
    if (text.length > MOST_LOG_BYTES) wrong.push(`${name} has ${text.length} bytes`);
    const torn = text.split('\n').filter((line) => line !== '' && !isObject(line));
    if (torn.length > 0) wrong.push(`${name} has ${torn.length} lines that are no JSON, such as ${torn[0].slice(0, 200)}`);
  }
  return wrong;
}

function isObject(line) {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

module.exports = { wrongWithFiles };
