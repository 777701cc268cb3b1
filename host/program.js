'use strict';

const path = require('node:path');

const { quoted } = require('../shell');

/** The command that a host installs. */
const NAME = 'ccxray';

/**
 * How the user runs the host, as words of a shell. A bare name is used only if the user has started the host by it:
 * a script in `node_modules` is not on the user's path, and npx could run another version.
 * @param {{argv: string[], execPath: string}} process
 * @returns {string}
 */
function hostProgram({ argv, execPath }) {
  const [, script = NAME] = argv;
  const isInstalled = path.basename(script, '.cmd') === NAME && !script.split(path.sep).includes('node_modules');
  return isInstalled ? NAME : [execPath, script].map(quoted).join(' ');
}

/**
 * Lets the addon's messages name the host's commands.
 * @param {string} name how the user runs the host
 */
function useProgram(name) {
  const program = `${name} otel`;
  require('../native.js').setProgram(program, program);
}

module.exports = { hostProgram, useProgram };
