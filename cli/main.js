'use strict';

const { parseArguments, unknown } = require('./arguments');
const { CommandError, EXIT, UsageError, errorObject, isExpected } = require('./errors');
const { helpOfAll, helpOfCommand } = require('./help');
const { operandOf } = require('./operand');
const { commandIn } = require('./program');
const { Terminal } = require('./terminal');

const HELP = { help: { type: 'boolean', short: 'h', text: 'print this text' } };
const VERSION = { version: { type: 'boolean', text: 'print the version' } };
const NO_COLOR = { 'no-color': { type: 'boolean', text: 'use no colours, as with NO_COLOR=1' } };
const JSON_OUTPUT = { json: { type: 'boolean', text: 'print JSON, for errors, too' } };

/**
 * Runs one command.
 * @param {import('./program').Program} program
 * @param {string[]} argv arguments after the program's name
 * @param {object} io `{stdin, stdout, stderr, env, cwd}`
 * @returns {Promise<number>} exit code
 */
async function main(program, argv, io) {
  const terminal = new Terminal(io);
  if (argv.includes('--no-color')) terminal.withoutColors();
  try {
    return (await dispatch(program, argv, io, terminal)) ?? EXIT.ON;
  } catch (error) {
    // The stack of a defect shows where it is.
    if (!isExpected(error)) throw error;
    if (argv.includes('--json')) terminal.json({ error: errorObject(error) });
    else terminal.err(...error.message.split('\n'));
    return error.exitCode ?? EXIT.OFF;
  } finally {
    terminal.close();
  }
}

function dispatch(program, given, io, terminal) {
  const argv = inOrder(given);
  const { commands, absent = [], overview } = program;
  const options = { ...NO_COLOR, ...HELP, ...VERSION };
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

/** An option of every command may stand before it, and `help` before the command that it is about. */
function inOrder(argv) {
  const before = argv.findIndex((word) => !['--no-color', '--json'].includes(word));
  const words = before > 0 && !argv[before].startsWith('-') ? [...argv.slice(before), ...argv.slice(0, before)] : argv;
  return words[0] === 'help' && words.length > 1 && !words[1].startsWith('-') ? [...words.slice(1), '--help'] : words;
}

function runCommand(program, { name, command, args }, io, terminal) {
  const called = `${program.name} ${name}`;
  const help = `${called} --help`;
  const options = optionsOf(command);
  const { values, positionals } = parseArguments(args, options, { help, allowPositionals: true });
  if (values.help) return terminal.out(...helpOfCommand(called, command, options));
  const { cwd, operand } = operandOf(command, positionals, io, help);
  return command.run({ terminal, values, operand, place: { cwd, env: io.env }, addon: program.addon, program, called, help });
}

/** Every option of a command. A command that prints a text for another program has no JSON. */
function optionsOf({ options, isText = false }) {
  return { ...options, ...(isText || options.json ? {} : JSON_OUTPUT), ...NO_COLOR, ...HELP };
}

module.exports = { main, optionsOf };
