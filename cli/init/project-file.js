'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * Finds the project's file as the addon does.
 * @param {string} cwd
 * @returns {{file?: string, top: string}} the file, and the directory for a new one
 */
function projectFileIn(cwd) {
  const directories = [fs.realpathSync(cwd)];
  while (path.dirname(directories.at(-1)) !== directories.at(-1)) directories.push(path.dirname(directories.at(-1)));
  const root = directories.findIndex((directory) => fs.existsSync(path.join(directory, '.git')));
  const within = directories.slice(0, Math.max(root, 0) + 1);
  const file = within.map((directory) => path.join(directory, '.ccxray.json')).find((name) => fs.existsSync(name));
  return { file, top: within.at(-1) };
}

module.exports = { projectFileIn };
