'use strict';

const { spawn } = require('node:child_process');

/** What opens an address on each system. */
const OPENERS = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] };

/**
 * Opens an address in the user's browser.
 * @param {string} url
 * @param {(problem: string) => void} onProblem is given a line if that fails
 */
function openInBrowser(url, onProblem, platform = process.platform) {
  const [program, ...args] = OPENERS[platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' });
  child.on('error', ({ code }) => onProblem(`The browser could not be opened: ${program} cannot be started (${code}). Open the address yourself.`));
  child.unref();
}

module.exports = { openInBrowser };
