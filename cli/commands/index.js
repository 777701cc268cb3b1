'use strict';

/**
 * @typedef {object} Command
 * @property {string} text what the help says
 * @property {Record<string, import('../arguments').Option>} options
 * @property {string} [exitCodes] what the help says of them, if it is not the same as for most commands
 * @property {boolean} [takesMissingDirectory] whether the project's directory may be gone
 * @property {(context: Context) => number|void|Promise<number|void>} run returns the exit code if it is not 0
 */

/**
 * @typedef {object} Context
 * @property {import('../terminal').Terminal} terminal
 * @property {Record<string, boolean|string|number>} values of the options
 * @property {{cwd: string, env: Record<string, string|undefined>}} place the project's directory and the environment
 * @property {string} [argument] the directory as the user wrote it
 * @property {() => object} addon loads the addon
 * @property {string} called how the user runs this command
 * @property {string} help the command that prints the help of this command
 */

/** Every command. Help, parsing and suggestions use this table. */
module.exports = {
  status: require('./status'),
  replay: require('./replay'),
  report: require('./report'),
  preview: require('./preview'),
  check: require('./check'),
  trust: require('./trust'),
  untrust: require('./untrust'),
  init: require('./init'),
};
