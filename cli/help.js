'use strict';

const { table } = require('./table');

const EXIT_CODES = 'Exit codes: 0 success, 1 the config cannot be used, 2 wrong usage or a missing confirmation, 3 `check` only: the config waits for your approval';

/**
 * @param {import('./program').Program} program
 * @param {Record<string, import('./arguments').Option>} options of the program itself
 * @returns {string[]} the help of all commands, in lines
 */
function helpOfAll({ name, commands }, options) {
  return [
    `Usage: ${name} COMMAND [DIR] [options]`, '',
    'Shows what telemetry sends for the project in DIR (default: the current directory), and records your approval.', '',
    ...table(Object.entries(commands).map(([command, { text }]) => [`  ${command}`, text])), '',
    ...optionLines(options), '',
    `Options of a command: ${name} COMMAND --help`,
    EXIT_CODES,
  ];
}

/**
 * @param {string} called how the user runs the command
 * @param {import('./commands').Command} command
 * @param {Record<string, import('./arguments').Option>} options
 * @returns {string[]} the help of one command, in lines
 */
function helpOfCommand(called, { text, exitCodes = EXIT_CODES }, options) {
  return [`Usage: ${called} [DIR] [options]`, '', text, '', ...optionLines(options), '', exitCodes];
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
