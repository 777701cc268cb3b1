'use strict';

const { table } = require('./table');
const { wrap } = require('./wrap');

const EXIT_CODES = [
  ['0', 'telemetry is on, or the command has done its work'],
  ['1', 'telemetry is off, or something cannot be used'],
  ['2', 'wrong usage'],
  ['3', 'the config waits for your approval'],
  ['4', 'you declined, or there is no terminal to ask on'],
  ['5', 'telemetry runs, but exports fail'],
];

/**
 * @param {import('./program').Program} program
 * @param {Record<string, import('./arguments').Option>} options of the program itself
 * @returns {string[]} the help of all commands, in lines
 */
function helpOfAll({ name, commands }, options) {
  return [
    `Usage: ${name} COMMAND [DIR] [options]`, '',
    ...wrap('Shows what telemetry sends for the project in DIR (default: the current directory), and records your approval.'), '',
    ...table(Object.entries(commands).map(([command, { text }]) => [`  ${command}`, text]), { isWrapped: true }), '',
    ...optionLines(options), '',
    `Options of a command: ${name} COMMAND --help`, '',
    ...exitLines(EXIT_CODES),
  ];
}

/**
 * @param {string} called how the user runs the command
 * @param {import('./commands').Command} command
 * @param {Record<string, import('./arguments').Option>} options
 * @returns {string[]} the help of one command, in lines
 */
function helpOfCommand(called, { text, operand, exitCodes = EXIT_CODES }, options) {
  const usage = `Usage: ${called} ${operand?.name ?? '[DIR]'} [options]`;
  return [usage, '', ...wrap(text), '', ...optionLines(options), '', ...exitLines(exitCodes)];
}

/**
 * @param {Record<string, import('./arguments').Option>} options
 * @returns {string[]} the options, in lines
 */
function optionLines(options) {
  const rows = Object.entries(options).map(([name, { short, value, text }]) => {
    const names = short ? `--${name}, -${short}` : `--${name}`;
    return [value ? `  ${names} ${value}` : `  ${names}`, text];
  });
  return table(rows, { isWrapped: true });
}

function exitLines(codes) {
  return ['Exit codes:', ...table(codes.map(([code, meaning]) => [`  ${code}`, meaning]), { isWrapped: true })];
}

module.exports = { helpOfAll, helpOfCommand, optionLines };
