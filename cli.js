#!/usr/bin/env node
'use strict';

/*
 * `ccxray-otel`: shows what telemetry sends for a project, and records the user's approval. The addon does the work;
 * the commands only ask it and print.
 */

const fs = require('node:fs');
const path = require('node:path');

const { parseArguments, unknown } = require('./cli/arguments');
const commands = require('./cli/commands');
const { CommandError, EXIT, UsageError } = require('./cli/errors');
const { helpOfAll, helpOfCommand } = require('./cli/help');
const { Terminal } = require('./cli/terminal');

const HELP = { help: { type: 'boolean', short: 'h', text: 'print this text' } };
const VERSION = { version: { type: 'boolean', text: 'print the version' } };
const PROGRAM = 'ccxray-otel';

/**
 * Runs one command.
 * @param {string[]} argv arguments after the script's name
 * @param {object} io `{stdin, stdout, stderr, env, cwd}`
 * @returns {Promise<number>} exit code
 */
async function main(argv, io) {
  const terminal = new Terminal(io);
  try {
    return (await dispatch(argv, io, terminal)) ?? EXIT.OK;
  } catch (error) {
    const isExpected = error instanceof CommandError || error.syscall !== undefined || error.code?.startsWith('CCXRAY_OTEL_');
    // Anything else is a defect. Its stack shows where.
    if (!isExpected) throw error;
    terminal.err(error.message);
    return error.exitCode ?? EXIT.UNUSABLE;
  } finally {
    terminal.close();
  }
}

function dispatch([name, ...args], io, terminal) {
  const overview = `${PROGRAM} --help`;
  if (name === undefined) throw new UsageError('No command given.', overview);
  if (name === 'help') return terminal.out(...helpOfAll(commands, { ...HELP, ...VERSION }));
  if (name.startsWith('-')) {
    const { values } = parseArguments([name, ...args], { ...HELP, ...VERSION }, { help: overview, allowPositionals: true });
    return terminal.out(...(values.version ? [require('./package.json').version] : helpOfAll(commands, { ...HELP, ...VERSION })));
  }
  if (!Object.hasOwn(commands, name)) throw new UsageError(unknown('command', name, Object.keys(commands)), overview);
  return runCommand(name, args, io, terminal);
}

function runCommand(name, args, io, terminal) {
  const command = commands[name];
  const help = `${PROGRAM} ${name} --help`;
  const options = { ...command.options, ...HELP };
  const { values, positionals } = parseArguments(args, options, { help, allowPositionals: true });
  if (values.help) return terminal.out(...helpOfCommand(name, command, options));
  if (positionals.length > 1) throw new UsageError(`More than one directory: ${positionals.map((word) => JSON.stringify(word)).join(' and ')}.`, help);
  // The value of a shell variable that is not set. The current directory is not what the user meant.
  if (positionals[0] === '') throw new UsageError('The directory is empty.', help);
  const cwd = path.resolve(io.cwd, positionals[0] ?? '');
  const isThere = fs.statSync(cwd, { throwIfNoEntry: false })?.isDirectory();
  if (!isThere && !command.takesMissingDirectory) throw new UsageError(`${cwd} is not a directory.`, help);
  return command.run({ terminal, values, place: { cwd, env: io.env }, addon, help });
}

/** Loads the addon only when it is needed: `--help` works without a binary. */
function addon() {
  return require('./index.js');
}

async function run() {
  const { stdin, stdout, stderr, env } = process;
  // A reader that stops early, such as `head`, is not a failure.
  for (const stream of [stdout, stderr]) stream.on('error', (error) => { if (error.code !== 'EPIPE') throw error; });
  process.exitCode = await main(process.argv.slice(2), { stdin, stdout, stderr, env, get cwd() { return process.cwd(); } });
}

if (require.main === module) void run();

module.exports = { main };
