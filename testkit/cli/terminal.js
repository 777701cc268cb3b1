'use strict';

const { spawn, spawnSync } = require('node:child_process');

/** @returns {boolean} whether there is a `script` that runs a command on a terminal and ends with its exit code */
function hasTerminal() {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return /util-linux/.test(stdout ?? '');
}

/**
 * Runs a command on a terminal of its own.
 * @param {string[]} command
 * @param {object} options
 * @param {Record<string, string>} options.env all that it has beside `PATH`
 * @param {(text: string) => string|undefined} options.answer what to type when so much has been shown
 * @param {number} [options.withinMs] it is killed then
 * @returns {Promise<{code: number, shown: string}>}
 */
function onTerminal(command, { env, answer, withinMs = 15_000 }) {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
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
