'use strict';

const { EXIT, isExpected } = require('../cli/errors');
const { Terminal } = require('../cli/terminal');
const { helpLines, parseOptions } = require('./options');
const { runDemo } = require('./run');

/**
 * The demo as `npm start` runs it: with an independent derivation to compare the table with.
 * @param {string[]} argv arguments after the script's name
 * @param {object} io
 * @param {{write: (text: string) => unknown, isTTY?: boolean}} io.stdout data
 * @param {{write: (text: string) => unknown, isTTY?: boolean}} io.stderr progress and errors
 * @param {{isTTY?: boolean}} [io.stdin]
 * @param {Record<string, string|undefined>} io.env
 * @param {string} [io.cwd]
 * @param {object} [io.addon] instead of the built one, for tests
 * @param {(options: object) => import('./once').Check} [io.checkOf] see `runOnce`
 * @returns {Promise<number>} exit code: 0 success, 1 something failed or the totals differ, 2 wrong usage
 */
async function main(argv, io) {
  const { stdin = {}, stdout, stderr, env, cwd = process.cwd(), checkOf } = io;
  const terminal = new Terminal({ stdin, stdout, stderr, env });
  try {
    const options = parseOptions(argv);
    if (options.help) {
      terminal.out(...helpLines());
      return EXIT.ON;
    }
    const program = { get version() { return require('../package.json').version; } };
    const code = await runDemo(options, { terminal, checkOf, program, place: { cwd, env }, addon: () => io.addon ?? loadAddon() });
    return code ?? EXIT.ON;
  } catch (error) {
    if (!isExpected(error)) throw error;
    terminal.err(error.message.replaceAll('\n', ' '));
    return error.exitCode ?? EXIT.OFF;
  } finally {
    terminal.close();
  }
}

function loadAddon() {
  try {
    return require('..');
  } catch (error) {
    throw Object.assign(new Error(`The native addon cannot be loaded: ${error.message.split('\n')[0]}. To build it: npm start`, { cause: error }), { code: 'CCXRAY_OTEL_NO_ADDON' });
  }
}

module.exports = { main };
