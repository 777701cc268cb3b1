'use strict';

const { table } = require('./table');

const EXIT_CODES = 'Exit codes: 0 success, 1 the config cannot be used, 2 wrong usage or a missing confirmation, 3 `check` only: the config waits for your approval';

/** @returns {string[]} the help of all commands, in lines */
function helpOfAll(commands, options) {
  return [
    'Usage: ccxray-otel COMMAND [DIR] [options]', '',
    'Shows what telemetry sends for the project in DIR (default: the current directory), and records your approval.', '',
    ...table(Object.entries(commands).map(([name, { text }]) => [`  ${name}`, text])), '',
    ...optionLines(options), '',
    'Options of a command: ccxray-otel COMMAND --help',
    EXIT_CODES,
  ];
}

/** @returns {string[]} the help of one command, in lines */
function helpOfCommand(name, { text }, options) {
  return [`Usage: ccxray-otel ${name} [DIR] [options]`, '', text, '', ...optionLines(options), '', EXIT_CODES];
}

/**
 * @param {Record<string, import('./arguments').Option>} options
 * @returns {string[]} one line for each option
 */
function optionLines(options) {
  return table(Object.entries(options).map(([name, { short, value, text }]) => {
    const names = short ? `--${name}, -${short}` : `--${name}`;
    return [value ? `  ${names} ${value}` : `  ${names}`, text];
  }));
}

module.exports = { helpOfAll, helpOfCommand, optionLines };
