'use strict';

/**
 * @param {string} program the command's name
 * @param {import('./shape').CommandShape[]} shapes
 * @returns {string[]} a script for fish, in lines
 */
function fish(program, shapes) {
  const complete = `complete -c ${program}`;
  return [
    `# Completion of ${program} for fish: ${program} completion fish > ~/.config/fish/completions/${program}.fish`,
    `${complete} -f`,
    ...shapes.map(({ name, text }) => `${complete} -n __fish_use_subcommand -a ${name} -d ${quoted(text)}`),
    ...shapes.flatMap(({ name, options, operand }) => {
      const within = `${complete} -n '__fish_seen_subcommand_from ${name}'`;
      return [`${within} ${values(operand)}`, ...options.map((option) => `${within} -l ${option.name.slice(2)} -d ${quoted(option.text)}${option.value === undefined ? '' : ` -r ${values(option.value)}`}`.trimEnd())];
    }),
  ];
}

function values(of) {
  if (Array.isArray(of)) return `-a ${quoted(of.join(' '))}`;
  if (of === 'directory') return `-a '(__fish_complete_directories)'`;
  return of === 'file' ? '-F' : '';
}

function quoted(text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}

module.exports = { fish };
