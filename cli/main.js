'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { parseArguments, unknown } = require('./arguments');
const { CommandError, EXIT, UsageError } = require('./errors');
const { helpOfAll, helpOfCommand } = require('./help');
const { commandIn } = require('./program');
const { Terminal } = require('./terminal');

const HELP = { help: { type: 'boolean', short: 'h', text: 'print this text' } };
const VERSION = { version: { type: 'boolean', text: 'print the version' } };

/**
 * Runs one command.
 * @param {import('./program').Program} program
 * @param {string[]} argv arguments after the program's name
 * @param {object} io `{stdin, stdout, stderr, env, cwd}`
 * @returns {Promise<number>} exit code
 */
async function main(program, argv, io) {
  const terminal = new Terminal(io);
  try {
    return (await dispatch(program, argv, io, terminal)) ?? EXIT.OK;
  } catch (error) {
    const isExpected = error instanceof CommandError || error.syscall !== undefined || error.code?.startsWith?.('CCXRAY_OTEL_');
    // Anything else is a defect. Its stack shows where.
    if (!isExpected) throw error;
    terminal.err(...error.message.split('\n'));
    return error.exitCode ?? EXIT.UNUSABLE;
  } finally {
    terminal.close();
  }
}

function dispatch(program, argv, io, terminal) {
  const { commands, absent = [], overview } = program;
  const options = { ...HELP, ...VERSION };
  const [first] = argv;
  if (first === undefined) throw new UsageError('No command given.', overview);
  if (first === 'help') return terminal.out(...helpOfAll(program, options));
  if (first.startsWith('-')) {
    const { values } = parseArguments(argv, options, { help: overview, allowPositionals: true });
    return terminal.out(...(values.version ? [program.version] : helpOfAll(program, options)));
  }
  const { name, command, args } = commandIn(program, argv);
  if (absent.includes(name)) throw new CommandError(EXIT.ABSENT, `${program.name} ${name} is not part of this version. There are:\n${Object.keys(commands).map((other) => `  ${program.name} ${other}`).join('\n')}`);
  // `ccxray parser --help`: the first word of commands that have two.
  if (command === undefined && /^\S+ (--help|-h)$/.test(name)) return terminal.out(...helpOfAll(program, options));
  if (command === undefined) throw new UsageError(unknown('command', name, Object.keys(commands)), overview);
  return runCommand(program, { name, command, args }, io, terminal);
}

function runCommand(program, { name, command, args }, io, terminal) {
  const called = `${program.name} ${name}`;
  const help = `${called} --help`;
  const options = { ...command.options, ...HELP };
  const { values, positionals } = parseArguments(args, options, { help, allowPositionals: true });
  if (values.help) return terminal.out(...helpOfCommand(called, command, options));
  if (positionals.length > 1) throw new UsageError(`More than one directory: ${positionals.map((word) => JSON.stringify(word)).join(' and ')}.`, help);
  // The value of a shell variable that is not set. The current directory is not what the user meant.
  if (positionals[0] === '') throw new UsageError('The directory is empty.', help);
  const cwd = path.resolve(io.cwd, positionals[0] ?? '');
  const isThere = fs.statSync(cwd, { throwIfNoEntry: false })?.isDirectory();
  if (!isThere && !command.takesMissingDirectory) throw new UsageError(`${cwd} is not a directory.`, help);
  return command.run({ terminal, values, place: { cwd, env: io.env }, argument: positionals[0], addon: program.addon, called, help });
}

module.exports = { main };
