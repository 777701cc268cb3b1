'use strict';

const all = require('../cli/commands');
const { main } = require('../cli/main');
const { guardOutput } = require('../cli/streams');
const { hostProgram, useProgram } = require('./program');

/** The commands of a host: its name for each, and this package's. One that this version does not have is reported as absent. */
const COMMANDS = {
  'status --otel': 'status',
  'otel preview': 'preview',
  'otel replay': 'replay',
  'otel check': 'check',
  'otel init': 'init',
  'otel trust': 'trust',
  'otel untrust': 'untrust',
  'otel status': 'status',
  'otel report': 'report',
  'parser report': 'report',
};

/** The exit code after a defect of this package. */
const DEFECT = 70;

/**
 * Runs one of the host's commands, such as `otel trust`. Never rejects.
 * @param {string[]} argv arguments after the host's name
 * @param {object} [io] `{stdin, stdout, stderr, env, cwd}`; `cwd` can be a function. Default: those of this process
 * @returns {Promise<number>} exit code
 */
async function command(argv, io = process) {
  const { stdin = process.stdin, stdout = process.stdout, stderr = process.stderr, env = process.env } = io ?? {};
  guardOutput({ stdout, stderr });
  try {
    return await main(program(), wordsOf(argv), {
      stdin, stdout, stderr, env,
      get cwd() { return typeof io?.cwd === 'string' ? io.cwd : (io?.cwd ?? process.cwd)(); },
    });
  } catch (error) {
    stderr.write(`${error?.stack ?? error}\n`);
    return DEFECT;
  }
}

function program() {
  const name = hostProgram(process);
  const named = Object.entries(COMMANDS);
  return {
    name,
    overview: `${name} otel --help`,
    commands: Object.fromEntries(named.filter(([, own]) => Object.hasOwn(all, own)).map(([words, own]) => [words, all[own]])),
    absent: named.filter(([, own]) => !Object.hasOwn(all, own)).map(([words]) => words),
    // Loaded only when it is needed: `--help` works without a binary.
    addon() {
      const addon = require('../index.js');
      useProgram(name);
      return addon;
    },
    get version() { return require('../package.json').version; },
  };
}

/** `--otel` can be anywhere behind `status`. `otel` alone is about all commands. */
function wordsOf(argv) {
  const [first, ...rest] = Array.isArray(argv) ? argv.map(String) : [];
  if (first === 'status') return ['status', '--otel', ...rest.filter((word) => word !== '--otel')];
  if (first === 'otel' && (rest.length === 0 || rest[0] === 'help' || rest[0].startsWith('-'))) return rest;
  return first === undefined ? [] : [first, ...rest];
}

module.exports = { command };
