'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * The lines of `otel.log` and of its predecessors, the oldest first.
 * @param {string} directory
 * @returns {object[]} none where there is no log
 * @throws {Error} at a line that is not one whole JSON object
 */
function linesIn(directory) {
  return logsIn(directory).flatMap((name) => {
    const text = fs.readFileSync(path.join(directory, name), 'utf8');
    if (text !== '' && !text.endsWith('\n')) throw new Error(`${name} ends within a line: ${text.slice(-100)}`);
    return text.split('\n').slice(0, -1).map(parsed);
  });
}

/** Names of `otel.log` and of its predecessors, the oldest first. */
function logsIn(directory) {
  const names = fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => /^otel\.log(\.\d+)?$/.test(name)) : [];
  names.sort((a, b) => ageOf(b) - ageOf(a));
  return names;
}

/** Lines about one event. */
function only(event, lines) {
  return lines.filter((line) => line.event === event);
}

function ageOf(name) {
  return Number(name.split('.')[2] ?? 0);
}

function parsed(line) {
  const value = JSON.parse(line);
  if (value === null || typeof value !== 'object') throw new Error(`a line is no object: ${line}`);
  return value;
}

module.exports = { linesIn, logsIn, only };
