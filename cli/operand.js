'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { unknown } = require('./arguments');
const { echoed, mayBeSecret } = require('./echo');
const { UsageError } = require('./errors');

/**
 * What a command works on: by default the project in a directory.
 * @typedef {object} Operand
 * @property {string} name what the help calls it
 * @property {string} kind such as `shell`
 * @property {string[]} [oneOf] the only values. Default: the name of a file or of a directory, which must exist
 * @property {boolean} [isOptional]
 */

/**
 * @param {import('./commands').Command} command
 * @param {string[]} positionals the arguments that are not options
 * @param {{cwd: string}} io
 * @param {string} help the command that prints the help
 * @returns {{cwd: string, operand?: string}} the project's directory, and the operand of a command that has another one
 * @throws {UsageError}
 */
function operandOf({ operand, takesMissingDirectory = false }, positionals, { cwd }, help) {
  const kind = operand?.kind ?? 'directory';
  if (positionals.length > 1) throw new UsageError(`More than one ${kind}: ${positionals.map(echoed).join(' and ')}.`, help);
  const [given] = positionals;
  if (given !== undefined && mayBeSecret(given)) throw new UsageError(`The ${kind} looks like a secret. Is a quote or the name of an option missing?`, help);
  // The value of a shell variable that is not set. The current directory is not what the user meant.
  if (given === '') throw new UsageError(`The ${kind} is empty.`, help);
  if (operand === undefined) return { cwd: directoryOf(path.resolve(cwd, given ?? ''), takesMissingDirectory, help) };
  if (given === undefined && operand.isOptional) return { cwd };
  if (given === undefined) throw new UsageError(`Which ${kind}?${operand.oneOf ? ` One of ${operand.oneOf.join(', ')}.` : ''}`, help);
  if (operand.oneOf) {
    if (!operand.oneOf.includes(given)) throw new UsageError(unknown(kind, given, operand.oneOf), help);
    return { cwd, operand: given };
  }
  const file = path.resolve(cwd, given);
  if (!fs.existsSync(file)) throw new UsageError(`${file} does not exist.`, help);
  return { cwd, operand: file };
}

function directoryOf(directory, takesMissing, help) {
  const isThere = fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory();
  if (!isThere && !takesMissing) throw new UsageError(`${directory} is not a directory.`, help);
  return directory;
}

module.exports = { operandOf };
