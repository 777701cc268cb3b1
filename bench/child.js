'use strict';

// Parts run in processes of their own: a part that has warmed, filled or slowed a process must not be
// the start of the next.

const { fork } = require('node:child_process');

/**
 * Runs a part in a new process.
 *
 * @param {string} file the part; it must call `serve`
 * @param {object} options passed to the part
 * @returns {Promise<any>} what the part returned
 * @throws {Error} with the part's own message, or its exit code when it died without one
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
 * The other side: runs `run` once with the options and ends the process, whatever `run` has left open.
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
