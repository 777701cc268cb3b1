'use strict';

const { spawn, spawnSync } = require('node:child_process');

/** @returns {boolean} whether this machine has the `script` of util-linux, which runs a command on a terminal */
function hasTerminal() {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return /util-linux/.test(stdout ?? '');
}

/**
 * Runs a command on a new terminal.
 * @param {string[]} command
 * @param {object} options
 * @param {Record<string, string>} options.env its whole environment, except for `PATH`
 * @param {(text: string) => string|undefined} options.answer is given each piece of output; returns what to type
 * @param {number} [options.withinMs] after which it is killed. Default: 15,000
 * @returns {Promise<{code: number, shown: string}>}
 */
function onTerminal(command, { env, answer, withinMs = 15_000 }) {
  const quoted = command.map((argument) => `'${argument.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', quoted, '/dev/null'], { env: { PATH: process.env.PATH, ...env } });
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text;
    const typed = answer(text);
    if (typed !== undefined) child.stdin.write(typed);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, shown }));
  }).finally(() => clearTimeout(timer));
}

module.exports = { hasTerminal, onTerminal };
