'use strict';

const ACTIONS = { directory: '_files -/', file: '_files', any: ' ' };

/**
 * @param {string} program the command's name
 * @param {import('./shape').CommandShape[]} shapes
 * @returns {string[]} a script for zsh, in lines
 */
function zsh(program, shapes) {
  const run = `_${program.replaceAll('-', '_')}`;
  return [
    `#compdef ${program}`,
    `# Completion of ${program} for zsh. In ~/.zshrc, behind compinit: eval "$(${program} completion zsh)"`,
    `${run}() {`,
    '  if (( CURRENT == 2 )); then',
    '    local -a commands=(',
    ...shapes.map(({ name, text }) => `      ${quoted(`${name}:${text}`)}`),
    '    )',
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  local command="${words[2]}"',
    '  shift words',
    '  (( CURRENT-- ))',
    '  case "$command" in',
    ...shapes.flatMap(({ name, options, operand }) => [`    ${name})`, `      _arguments ${[...options.map(argument), quoted(`1:${name}:${action(operand)}`)].join(' \\\n        ')} ;;`]),
    '  esac',
    '}',
    `compdef ${run} ${program}`,
  ];
}

/** Colons and brackets separate the parts of an argument. */
function argument({ name, text, value }) {
  const described = `${name}[${text.replaceAll(/[[\]:]/g, String.raw`\$&`)}]`;
  return quoted(value === undefined ? described : `${described}:value:${action(value)}`);
}

function action(values) {
  return Array.isArray(values) ? `(${values.join(' ')})` : ACTIONS[values];
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

module.exports = { zsh };
