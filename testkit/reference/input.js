'use strict';

const catalog = require('./catalog');
const { parsed } = require('./record');

/** The keys of a command in the inputs of all agents' shells. The first one present counts. */
const COMMAND_KEYS = ['command', 'commands', 'cmd', 'input'];

/**
 * The input of a call: the object of a block, the parsed arguments of a function, or the plain text of a custom tool.
 * @returns {object|string|undefined} undefined if it is incomplete
 */
function inputOf({ type, isCut, status, input, arguments: json, action, operation }) {
  if (isCut === true || status === 'incomplete') return undefined;
  if (type === 'function_call' || type === 'tool_call') return json === undefined ? (input ?? {}) : objectIn(json);
  return input ?? action ?? operation ?? {};
}

/** @returns {boolean} whether an input is complete but is not JSON */
function hasGarbledInput({ isCut, isGarbled, status, arguments: json }) {
  if (isCut === true) return isGarbled === true;
  return status !== 'incomplete' && json !== undefined && objectIn(json) === undefined;
}

function objectIn(json) {
  return typeof json === 'string' ? parsed(json) : json;
}

/** @returns {string|undefined} the command of a shell */
function commandOf(input) {
  if (typeof input === 'string') return input;
  const key = COMMAND_KEYS.find((candidate) => input?.[candidate] !== undefined);
  const command = input?.[key];
  return Array.isArray(command) ? lineOf(command) : command;
}

/** @returns {string} the arguments as text. One with a space is a script, which gets a line of its own */
function lineOf(args) {
  return args.map((argument, i) => (i > 0 ? (argument.includes(' ') ? '\n' : ' ') : '') + argument).join('');
}

/** @returns {number} how many files a call writes: one, or one for each different header of a patch */
function writesOf(name, input, command) {
  const role = catalog.writeRole(name);
  if (role === 'file') return 1;
  if (role === 'patch') return Math.max(1, patchedFiles(patchIn(input)));
  return typeof command === 'string' ? patchedFiles(command) : 0;
}

function patchIn(input) {
  const patch = typeof input === 'string' ? input : input?.input;
  return typeof patch === 'string' ? patch : '';
}

/** @returns {number} how many different files the headers of patches in a text name */
function patchedFiles(text) {
  const paths = text.split(/\r?\n/).map((line) => catalog.patchPath(line)).filter((path) => path !== undefined);
  return new Set(paths).size;
}

module.exports = { inputOf, hasGarbledInput, commandOf, writesOf, patchedFiles };
