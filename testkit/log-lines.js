'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * Reads the lines of `otel.log` and of the rotated logs beside it.
 * @param {string} directory
 * @returns {object[]} oldest first; empty if there is no log
 * @throws {Error} if a line is not a whole JSON object
 */
function linesIn(directory) {
  return logsIn(directory).flatMap((name) => {
    const text = fs.readFileSync(path.join(directory, name), 'utf8');
    if (text !== '' && !text.endsWith('\n')) throw new Error(`${name} ends within a line: ${text.slice(-100)}`);
    return text.split('\n').slice(0, -1).map(parsed);
  });
}

/** @returns {string[]} the names of `otel.log` and of the rotated logs beside it, oldest first */
function logsIn(directory) {
  const names = fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => /^otel\.log(\.\d+)?$/.test(name)) : [];
  names.sort((a, b) => ageOf(b) - ageOf(a));
  return names;
}

/** @returns {object[]} the lines about one event */
function only(event, lines) {
  return lines.filter((line) => line.event === event);
}

function ageOf(name) {
  return Number(name.split('.')[2] ?? 0);
}

function parsed(line) {
  const value = JSON.parse(line);
  if (value === null || typeof value !== 'object') throw new Error(`this line is not an object: ${line}`);
  return value;
}

module.exports = { linesIn, logsIn, only };
