'use strict';

// Each part runs in a new process, so that no part starts in a process that another part has warmed up,
// filled or slowed.

const { fork } = require('node:child_process');

/**
 * Runs a part in a new process.
 *
 * @param {string} file the part; it must call `serve`
 * @param {object} options passed to the part
 * @returns {Promise<any>} the result of the part
 * @throws {Error} with the message of the part, or with its exit code
 */
function call(file, options) {
  return new Promise((resolve, reject) => {
    const child = fork(file, [], { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let answer;
    child.once('message', (message) => {
      answer = message;
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (answer?.ok) resolve(answer.result);
      else reject(new Error(answer?.error ?? `${file} ended with ${signal ?? `exit code ${code}`}`));
    });
    child.send(options);
  });
}

/**
 * The side of the part: calls `run` once with the options, and ends the process even if `run` left something open.
 *
 * @param {(options: object) => Promise<unknown>} run
 */
function serve(run) {
  process.once('message', async (options) => {
    let answer;
    try {
      answer = { ok: true, result: await run(options) };
    } catch (error) {
      answer = { ok: false, error: error.message };
    }
    process.send(answer, () => process.exit(0));
  });
}

module.exports = { call, serve };
