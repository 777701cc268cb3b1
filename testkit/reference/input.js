'use strict';

const label = require('./catalog');
const { parsed } = require('./record');

/** Where shells of all agents have their command; the first one that is there counts. */
const COMMAND_KEYS = ['command', 'commands', 'cmd', 'input'];

/**
 * What a call was given: an object of a block, the parsed arguments of a function, the plain text of a custom tool.
 * @returns {object|string|undefined} undefined if it did not arrive in full
 */
function inputOf({ type, isCut, status, input, arguments: json, action, operation }) {
  if (isCut === true || status === 'incomplete') return undefined;
  if (type === 'function_call' || type === 'tool_call') return json === undefined ? (input ?? {}) : objectIn(json);
  return input ?? action ?? operation ?? {};
}

/** @returns {boolean} whether an input came to its end, and is no JSON */
function hasGarbledInput({ isCut, isGarbled, status, arguments: json }) {
  if (isCut === true) return isGarbled === true;
  return status !== 'incomplete' && json !== undefined && objectIn(json) === undefined;
}

function objectIn(json) {
  return typeof json === 'string' ? parsed(json) : json;
}

/** @returns {string|undefined} what a shell was to run */
function commandOf(input) {
  if (typeof input === 'string') return input;
  const key = COMMAND_KEYS.find((candidate) => input?.[candidate] !== undefined);
  const command = input?.[key];
  return Array.isArray(command) ? lineOf(command) : command;
}

/** @returns {string} words in a line; one with a space in it is a script for a shell, which stands on a line of its own */
function lineOf(words) {
  return words.map((word, i) => (i > 0 ? (word.includes(' ') ? '\n' : ' ') : '') + word).join('');
}

/** @returns {number} how many files a call writes: one, or as many as a patch has different headers */
function writesOf(name, input, command) {
  const role = label.writeRole(name);
  if (role === 'file') return 1;
  if (role === 'patch') return Math.max(1, patchedFiles(patchIn(input)));
  return typeof command === 'string' ? patchedFiles(command) : 0;
}

function patchIn(input) {
  const patch = typeof input === 'string' ? input : input?.input;
  return typeof patch === 'string' ? patch : '';
}

function patchedFiles(text) {
  const paths = text.split(/\r?\n/).map((line) => label.patchPath(line)).filter((path) => path !== undefined);
  return new Set(paths).size;
}

module.exports = { inputOf, hasGarbledInput, commandOf, writesOf };
