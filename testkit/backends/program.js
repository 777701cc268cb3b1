'use strict';

const { spawnSync } = require('node:child_process');

/**
 * A program that can be started for a test, or the reason why it cannot be used.
 * @typedef {object} Program
 * @property {string} name for messages
 * @property {string} [missing] the reason, in one line; the program has no further properties then
 * @property {string} [remark] in one line, what a run with it does not test
 * @property {string} bin
 * @property {number} [ports] how many ports it needs. Default: 1
 * @property {(place: {home: string, ports: number[]}) => string[]} args for a server that keeps its data in `home`
 * @property {string} ready path that answers 200 as soon as the server can be used; `''` if an open port is enough
 */

/**
 * What a program prints as its help or version.
 * @param {string} bin path, or a name on PATH
 * @param {string} flag
 * @returns {{text: string}|{missing: string}}
 */
function outputOf(bin, flag) {
  const { error, stdout, stderr } = spawnSync(bin, [flag], { encoding: 'utf8', timeout: 10_000 });
  if (error === undefined) return { text: stdout + stderr };
  return { missing: error.code === 'ENOENT' ? `${bin} was not found` : `${bin} cannot be run: ${error.code}` };
}

/**
 * Defines a suite that needs programs. If one is missing, the suite is skipped, or fails if `CI_REQUIRE_BACKENDS` is 1.
 * @param {string} title
 * @param {Program[]} programs
 * @param {() => void} suite
 * @param {{isOptional?: boolean}} [options] an optional suite is skipped even then
 */
function describeWith(title, programs, suite, { isOptional = false } = {}) {
  const missing = programs.map((program) => program.missing).find((reason) => reason !== undefined);
  if (missing === undefined) {
    describe(title, suite);
  } else if (process.env.CI_REQUIRE_BACKENDS === '1' && !isOptional) {
    test(`${title}: its programs are available, as CI_REQUIRE_BACKENDS=1 requires`, () => {
      throw new Error(missing);
    });
  } else {
    process.stderr.write(`${title}: skipped: ${missing}\n`);
    describe.skip(title, suite);
  }
}

module.exports = { describeWith, outputOf };
