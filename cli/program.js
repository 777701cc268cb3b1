'use strict';

/**
 * A command line that shows these commands: that of this package, or that of a host which contains it.
 * @typedef {object} Program
 * @property {string} name how the user runs it, as words of a shell
 * @property {Record<string, import('./commands').Command>} commands by name. A name can have two words
 * @property {string[]} [absent] names of commands that another version has
 * @property {string} overview the words that print the help of all commands
 * @property {() => object} addon loads the addon
 * @property {string} version
 */

/**
 * Finds the command that a command line names.
 * @param {Program} program
 * @param {string[]} argv
 * @returns {{name: string, command?: import('./commands').Command, args: string[]}} without `command` if there is none
 */
function commandIn({ commands, absent = [] }, argv) {
  const pair = argv.slice(0, 2).join(' ');
  const isPair = [...Object.keys(commands), ...absent].some((name) => name === pair || name.startsWith(`${argv[0]} `));
  const words = isPair ? 2 : 1;
  const name = argv.slice(0, words).join(' ');
  return { name, command: Object.hasOwn(commands, name) ? commands[name] : undefined, args: argv.slice(words) };
}

module.exports = { commandIn };
