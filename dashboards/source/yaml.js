'use strict';

/**
 * Writes an object as YAML. Strings of several lines become blocks, all others are quoted where that is needed.
 * @param {object} value of objects, lists, strings and numbers
 * @returns {string}
 */
function yaml(value) {
  return `${lines(value).join('\n')}\n`;
}

function lines(value) {
  return Array.isArray(value) ? value.flatMap(item) : Object.entries(value).flatMap(([key, field]) => entry(key, field));
}

function item(value) {
  const [first, ...rest] = lines(value);
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
}

function entry(key, value) {
  if (typeof value === 'object') return [`${key}:`, ...lines(value).map((line) => `  ${line}`)];
  if (typeof value === 'string' && value.includes('\n')) return [`${key}: |-`, ...value.split('\n').map((line) => `  ${line}`)];
  return [`${key}: ${scalar(value)}`];
}

function scalar(value) {
  return typeof value === 'string' && !/^[A-Za-z][\w:.]*$/.test(value) ? JSON.stringify(value) : String(value);
}

module.exports = { yaml };
