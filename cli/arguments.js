'use strict';

const { parseArgs } = require('node:util');

const { echoed } = require('./echo');
const { UsageError } = require('./errors');

/**
 * @typedef {object} Option
 * @property {'boolean'|'string'} type
 * @property {string} [short] one letter
 * @property {string} [value] what the help calls the value
 * @property {string} text what the help says of the option
 * @property {boolean} [multiple] it can be given several times; then its value is a list
 * @property {string[]} [oneOf] the only values
 * @property {string} [kind] what each of `oneOf` is, such as `a tier`
 * @property {[number, number]} [whole] the value is a whole number in this range
 * @property {number} [upTo] the value is a number above 0, up to this one
 */

/**
 * Reads a command line. Node's own errors name neither the nearest option nor the help.
 * @param {string[]} args
 * @param {Record<string, Option>} options
 * @param {object} more
 * @param {string} more.help the command that prints the help
 * @param {boolean} [more.allowPositionals] Default: an argument that is not an option is an error.
 * @returns {{values: Record<string, boolean|string|number>, positionals: string[]}}
 * @throws {UsageError}
 */
function parseArguments(args, options, { help, allowPositionals = false }) {
  const { values, positionals, tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const other = tokens.find(({ kind, name }) => kind === 'option' && !Object.hasOwn(options, name));
  if (other !== undefined) throw new UsageError(unknown('option', other.rawName, Object.keys(options).map((name) => `--${name}`)), help);
  const read = Object.entries(values).map(([name, value]) => [name, readValue(name, value, options[name], help)]);
  if (!allowPositionals && positionals.length > 0) throw new UsageError(`Unexpected argument ${echoed(positionals[0])}.`, help);
  return { values: Object.fromEntries(read), positionals };
}

/**
 * Reads the value of one option.
 * @returns {boolean|string|number|string[]}
 * @throws {UsageError}
 */
function readValue(name, value, option, help) {
  if (option.multiple) return value.map((each) => readValue(name, each, { ...option, multiple: false }, help));
  const problem = problemWith(name, value, option);
  if (problem !== undefined) throw new UsageError(problem, help);
  return isNumber(option) ? Number(value) : value;
}

function problemWith(name, value, option) {
  const { type, value: example, oneOf, kind, whole, upTo } = option;
  if (type === 'boolean') return value === true ? undefined : `--${name} takes no value.`;
  if (isMissing(value, option)) return `--${name} needs a value: --${name} ${example}.`;
  const shown = `--${name}: ${echoed(value)}`;
  if (oneOf && !oneOf.includes(value)) return `${shown} is not ${kind}. Use ${oneOf.slice(0, -1).join(', ')} or ${oneOf.at(-1)}.`;
  const isWithin = (least, most) => Number(value) >= least && Number(value) <= most;
  if (whole && !(/^\d+$/.test(value) && isWithin(...whole))) return `${shown} is not a whole number from ${whole[0]} to ${whole[1]}.`;
  if (upTo !== undefined && !isWithin(Number.MIN_VALUE, upTo)) return `${shown} is not a number above 0 and up to ${upTo}.`;
  return undefined;
}

/** If the value is missing, `parseArgs` takes the next option for it. A negative number is not an option. */
function isMissing(value, option) {
  if (typeof value !== 'string' || value === '') return true;
  return value.startsWith('-') && !(isNumber(option) && /^-\d/.test(value));
}

function isNumber({ whole, upTo }) {
  return whole !== undefined || upTo !== undefined;
}

/**
 * @param {string} kind what the name should be
 * @param {string} name
 * @param {string[]} choices
 * @returns {string} such as `Unknown command stat. Did you mean status?`
 */
function unknown(kind, name, choices) {
  const near = nearest(name, choices);
  return `Unknown ${kind} ${name}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
}

/**
 * The choice that begins with the name, or else the one with the smallest edit distance. None if more than half of the
 * name would have to change. Dashes in front do not count.
 */
function nearest(typed, choices) {
  const name = bare(typed);
  const begun = choices.find((choice) => name !== '' && bare(choice).startsWith(name));
  if (begun !== undefined) return begun;
  const distances = choices.map((choice) => distance(name, bare(choice)));
  const near = choices[distances.indexOf(Math.min(...distances))];
  return Math.min(...distances) <= Math.max(name.length, bare(near).length) / 2 ? near : undefined;
}

function bare(option) {
  return option.replace(/^-+/, '');
}

/** The edit distance: how many letters to add, remove or replace. */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(from[i - 1] !== to[j - 1]));
    }
    row = next;
  }
  return row[to.length];
}

module.exports = { parseArguments, readValue, unknown };
