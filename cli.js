#!/usr/bin/env node
'use strict';

/*
 * `ccxray-otel`: shows what telemetry sends for a project, and records the user's approval. The addon does the work;
 * the commands only ask it and print.
 */

const commands = require('./cli/commands');
const { main: runProgram } = require('./cli/main');
const { guardOutput } = require('./cli/streams');
const demo = require('./demo/command');
const hostApply = require('./host/apply/command');

const NAME = 'ccxray-otel';

/**
 * Runs one command.
 * @param {string[]} argv arguments after the script's name
 * @param {object} io `{stdin, stdout, stderr, env, cwd}`
 * @returns {Promise<number>} exit code
 */
function main(argv, io) {
  // Both are loaded only when they are needed: `--help` works without a binary.
  const program = {
    name: NAME,
    overview: `${NAME} --help`,
    commands: { ...commands, demo, 'host apply': hostApply },
    addon: () => require('./index.js'),
    get version() { return require('./package.json').version; },
  };
  return runProgram(program, argv, io);
}

async function run() {
  const { stdin, stdout, stderr, env } = process;
  guardOutput({ stdout, stderr });
  process.exitCode = await main(process.argv.slice(2), { stdin, stdout, stderr, env, get cwd() { return process.cwd(); } });
}

if (require.main === module) void run();

module.exports = { main };
