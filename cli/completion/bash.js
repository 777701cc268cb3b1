'use strict';

const COMPGEN = { directory: '-d', file: '-f' };

/**
 * @param {string} program the command's name
 * @param {import('./shape').CommandShape[]} shapes
 * @returns {string[]} a script for bash, in lines
 */
function bash(program, shapes) {
  const run = `_${program.replaceAll('-', '_')}`;
  return [
    `# Completion of ${program} for bash. In ~/.bashrc: eval "$(${program} completion bash)"`,
    `${run}() {`,
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${shapes.map(({ name }) => name).join(' ')} --help --version" -- "$word"))`,
    '    return',
    '  fi',
    '  case "${COMP_WORDS[1]} $before" in',
    ...shapes.flatMap(({ name, options }) => options.filter(({ value }) => value !== undefined).map((option) => `    "${name} ${option.name}") ${reply(option.value)}; return ;;`)),
    '  esac',
    '  case "${COMP_WORDS[1]}" in',
    ...shapes.flatMap(({ name, options, operand }) => [
      `    ${name})`,
      '      if [[ "$word" == -* ]]; then',
      `        COMPREPLY=($(compgen -W "${options.map((option) => option.name).join(' ')}" -- "$word"))`,
      `      else ${reply(operand)}; fi ;;`,
    ]),
    '  esac',
    '}',
    `complete -o filenames -F ${run} ${program}`,
  ];
}

function reply(values) {
  if (values === 'any') return ':';
  return Array.isArray(values) ? `COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$word"))` : `COMPREPLY=($(compgen ${COMPGEN[values]} -- "$word"))`;
}

module.exports = { bash };
