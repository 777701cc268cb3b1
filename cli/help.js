'use strict';

const { EXIT_CODES } = require('./refusal');
const { columns } = require('./terminal');

/** @returns {string[]} the help of all commands, in lines */
function helpOfAll(commands, options) {
  return [
    'Usage: ccxray-otel COMMAND [DIR] [options]', '',
    'What telemetry does for the project in DIR (default: here), and your word on it.', '',
    ...columns(Object.entries(commands).map(([name, { text }]) => [`  ${name}`, text])), '',
    ...optionLines(options), '',
    'Options of a command: ccxray-otel COMMAND --help',
    EXIT_CODES,
  ];
}

/** @returns {string[]} the help of one command, in lines */
function helpOf(name, { text }, options) {
  return [`Usage: ccxray-otel ${name} [DIR] [options]`, '', text, '', ...optionLines(options), '', EXIT_CODES];
}

function optionLines(options) {
  return columns(Object.entries(options).map(([name, { short, value, text }]) => {
    const names = short ? `--${name}, -${short}` : `--${name}`;
    return [value ? `  ${names} ${value}` : `  ${names}`, text];
  }));
}

module.exports = { helpOfAll, helpOf };
