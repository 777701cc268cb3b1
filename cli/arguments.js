'use strict';

const { parseArgs } = require('node:util');

const { Misuse } = require('./refusal');

/**
 * Reads the arguments of a command. Node's own errors name neither the nearest option nor the help.
 * @param {string[]} args
 * @param {Record<string, object>} options as for `parseArgs`, with `value` (what an option's value is called) and `oneOf`
 * @param {string} [command] whose help explains them
 * @returns {{values: object, positionals: string[]}}
 */
function parsed(args, options, command) {
  const { values, positionals } = parseArgs({ args, options, strict: false, allowPositionals: true });
  for (const [name, value] of Object.entries(values)) {
    const option = named(options, name, `option ${name.length > 1 ? '--' : '-'}${name}`, '--', command);
    checked(name, value, option, command);
  }
  return { values, positionals };
}

/** The value of an option, if it is one. */
function checked(name, value, { type, value: example, oneOf }, command) {
  if (type === 'boolean' && value !== true) throw new Misuse(`--${name} takes no value`, command);
  const isText = typeof value === 'string' && value !== '' && !value.startsWith('-');
  if (type === 'string' && !isText) throw new Misuse(`--${name} needs a value: --${name} ${example}`, command);
  if (oneOf && !oneOf.includes(value)) throw new Misuse(`--${name} is one of ${oneOf.join(', ')}, not ${value}`, command);
  return value;
}

/** A row of a table by its name; the nearest one is suggested if there is none. */
function named(table, name, shown, dashes, command) {
  if (Object.hasOwn(table, name)) return table[name];
  const nearest = Object.keys(table).reduce((best, other) => (distance(name, other) < distance(name, best) ? other : best));
  throw new Misuse(`unknown ${shown} (did you mean ${dashes}${nearest}?)`, command);
}

/** How many letters to add, take away or change to get from one word to the other. */
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

module.exports = { parsed, checked, named };
