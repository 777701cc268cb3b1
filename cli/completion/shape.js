'use strict';

const { optionsOf } = require('../main');

/** Values that are names of files or directories. */
const PATHS = new Set(['DIR', 'FILE', 'PATH']);

/**
 * What a shell needs to complete one command.
 * @typedef {object} CommandShape
 * @property {string} name
 * @property {string} text
 * @property {OptionShape[]} options
 * @property {string[]|'directory'|'file'} operand
 */

/**
 * @typedef {object} OptionShape
 * @property {string} name such as `--tier`
 * @property {string} text
 * @property {string[]|'file'|'any'|undefined} value undefined: it takes none
 */

/**
 * @param {import('../program').Program} program
 * @returns {CommandShape[]}
 */
function shapeOf({ commands }) {
  return Object.entries(commands).filter(([name]) => !name.includes(' ')).map(([name, command]) => ({
    name,
    text: command.text,
    options: Object.entries(optionsOf(command)).map(([option, { type, value, oneOf, text }]) => ({
      name: `--${option}`,
      text,
      value: type === 'boolean' ? undefined : (oneOf ?? (PATHS.has(value) ? 'file' : 'any')),
    })),
    operand: command.operand ? (command.operand.oneOf ?? 'file') : 'directory',
  }));
}

module.exports = { shapeOf };
