'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');

const TESTKIT = path.join(__dirname, '..');

/**
 * Runs a script in a Node process of its own.
 * @param {string} script its path, relative to testkit/
 * @param {string[]} [args]
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {Record<string, string>} [options.env] its whole environment, except for `PATH`
 * @param {string} [options.node] the Node to run it with. Default: this one
 * @param {string[]} [options.under] a command to run it under, with its arguments
 * @param {number} [options.withinMs] after which it is killed. Default: 15,000
 * @param {(child: import('node:child_process').ChildProcess) => void} [options.onOutput] called at its first output
 * @returns {Promise<{code: number|null, signal: string|null, stdout: string, stderr: string, elapsedMs: number, timedOut: boolean}>}
 */
function run(script, args = [], { cwd, env = {}, node = process.execPath, under = [], withinMs = 15_000, onOutput } = {}) {
  const [command, ...rest] = [...under, node, path.resolve(TESTKIT, script), ...args];
  const started = performance.now();
  // If only the outer command is killed, the inner one lives on and keeps the pipes open. So the whole group is killed.
  const detached = under.length > 0;
  const child = spawn(command, rest, { cwd, detached, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (detached) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  }, withinMs);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  if (onOutput) child.stdout.once('data', () => onOutput(child));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output, elapsedMs: performance.now() - started, timedOut }));
  }).finally(() => clearTimeout(timer));
}

module.exports = { run };
