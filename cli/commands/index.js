'use strict';

/**
 * @typedef {object} Command
 * @property {string} text what the help says
 * @property {Record<string, import('../arguments').Option>} options
 * @property {[string, string][]} [exitCodes] each with its meaning, if they are not those of most commands
 * @property {import('../operand').Operand} [operand] what it works on, if that is not a project
 * @property {boolean} [takesMissingDirectory] whether the project's directory may be gone
 * @property {boolean} [isText] whether it prints a text for another program, and so has no `--json`
 * @property {(context: Context) => number|void|Promise<number|void>} run returns the exit code if it is not 0
 */

/**
 * @typedef {object} Context
 * @property {import('../terminal').Terminal} terminal
 * @property {Record<string, boolean|string|number>} values of the options
 * @property {{cwd: string, env: Record<string, string|undefined>}} place the project's directory and the environment
 * @property {string} [operand] what it works on, if the command declares it
 * @property {import('../program').Program} program
 * @property {() => object} addon loads the addon
 * @property {string} called how the user runs this command
 * @property {string} help the command that prints the help of this command
 */

/** Every command. Help, parsing and suggestions use this table. */
module.exports = {
  init: require('./init'),
  preview: require('./preview'),
  trust: require('./trust'),
  untrust: require('./untrust'),
  check: require('./check'),
  status: require('./status'),
  report: require('./report'),
  replay: require('./replay'),
  pending: require('./pending'),
  flush: require('./flush'),
  completion: require('./completion'),
};
