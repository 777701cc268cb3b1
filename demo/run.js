'use strict';

const { runLive } = require('./live');
const { runOnce } = require('./once');
const { runSent } = require('./sent');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs the demo: sends to a backend, serves the page, or prints a table.
 * @param {import('./options').DemoOptions} options
 * @param {object} context that of a command, see `cli/commands`
 * @param {(options: object) => import('./once').Check} [context.checkOf] see `runOnce`
 * @returns {Promise<number|void>} exit code if it is not 0
 */
async function runDemo(options, context) {
  const { terminal, place, program } = context;
  if (options.endpoint !== undefined) return runSent(options, context);
  const isLive = options.page || options.follow || options.listen || terminal.isShown && !options.once;
  const addon = context.addon();
  if (!isLive) return runOnce(options, { terminal, addon, checkOf: context.checkOf });
  return untilSignal((signal) => runLive(options, { terminal, addon, place, version: program.version, signal }));
}

/** The first signal ends the work in order. A second one ends the process at once, with the exit code of a shell. */
async function untilSignal(work) {
  const controller = new AbortController();
  const end = (name, number) => {
    if (controller.signal.aborted) process.exit(128 + number);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, end);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, end);
  }
}

module.exports = { runDemo };
