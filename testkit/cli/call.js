'use strict';

const { PassThrough, Writable } = require('node:stream');

const { main } = require('../../cli');

/**
 * Runs a command in this process.
 * @param {string[]} argv
 * @param {object} options
 * @param {string} options.cwd
 * @param {string} [options.home]
 * @param {Record<string, string>} [options.env] the whole environment, except for `HOME` and `PATH`
 * @param {(string|(() => string))[]} [options.answers] answers to questions on a terminal, whose input ends after the
 *   last one. Default: there is no terminal
 * @param {boolean} [options.isSeen] whether the terminal shows the questions. Default: true
 * @returns {Promise<{code: number, stdout: string, stderr: string}>}
 */
async function call(argv, { cwd, home, env = {}, answers, isSeen = true }) {
  const output = { stdout: '', stderr: '' };
  const stdin = Object.assign(new PassThrough(), { isTTY: answers !== undefined });
  const rest = [...(answers ?? [])];
  const stream = (name, onText) => {
    const write = (text, _, done) => {
      output[name] += text;
      onText?.(text.toString());
      done();
    };
    return Object.assign(new Writable({ write }), { isTTY: answers !== undefined && isSeen });
  };
  const stderr = stream('stderr', (text) => {
    if (!text.endsWith('] ')) return;
    const answer = rest.shift();
    if (answer === undefined) stdin.end();
    else stdin.write(`${typeof answer === 'function' ? answer() : answer}\n`);
  });
  const code = await main(argv, { stdin, stdout: stream('stdout'), stderr, env: { HOME: home, PATH: process.env.PATH, ...env }, cwd });
  return { code, ...output };
}

module.exports = { call };
