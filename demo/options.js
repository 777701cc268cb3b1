'use strict';

const { parseArguments } = require('../cli/arguments');
const { UsageError } = require('../cli/errors');
const { optionLines } = require('../cli/help');

/** Every option of the main job. Help, parsing and suggestions use this table. */
const OPTIONS = {
  logs: { type: 'string', value: 'DIR', text: 'replay your own ccxray logs directory instead of the synthetic day' },
  endpoint: { type: 'string', value: 'URL', text: 'send to a real OTLP/HTTP backend, with OTEL_EXPORTER_OTLP_HEADERS of your environment; needs --logs or --synthetic' },
  synthetic: { type: 'boolean', text: 'with --endpoint: send the synthetic day, as the project ccxray-demo' },
  yes: { type: 'boolean', text: 'with --logs and --endpoint: send without a question' },
  turns: { type: 'string', value: 'N', whole: [1, 100_000], text: 'how many turns the synthetic day has, 1 to 100000 (default: 1000)' },
  seed: { type: 'string', value: 'N', whole: [0, 4_294_967_295], text: 'which synthetic day, any whole number from 0 (default: 1)' },
  help: { type: 'boolean', short: 'h', text: 'print this text' },
};
const HELP = 'npm start -- --help';

/**
 * @typedef {object} DemoOptions
 * @property {boolean} help
 * @property {string} [logs]
 * @property {string} [endpoint]
 * @property {boolean} synthetic
 * @property {boolean} yes
 * @property {number} turns
 * @property {number} seed
 */

/**
 * Reads the command line. Uses only Node, so that a clean clone can answer `--help`.
 * @param {string[]} argv arguments after the script's name
 * @returns {DemoOptions}
 * @throws {UsageError} The message is one line with the cure.
 */
function parseOptions(argv) {
  const { values, positionals: [argument] } = parseArguments(argv, OPTIONS, { help: HELP, allowPositionals: true });
  if (argument !== undefined) throw new UsageError(unexpected(argument), HELP);
  const { help = false, logs, endpoint, synthetic = false, yes = false, turns = 1000, seed = 1 } = values;
  if (endpoint !== undefined && !isHttpUrl(endpoint)) {
    throw new UsageError(`--endpoint: ${JSON.stringify(endpoint)} is not an http or https URL, such as http://127.0.0.1:4318.`, HELP);
  }
  const unused = ['turns', 'seed'].find((name) => logs !== undefined && values[name] !== undefined);
  if (unused !== undefined) throw new UsageError(`--${unused} has no effect with --logs. Leave one of them out.`, HELP);
  const problem = misuse({ logs, endpoint, synthetic, yes });
  if (problem !== undefined && !help) throw new UsageError(problem, HELP);
  return { help, logs, endpoint, synthetic, yes, turns, seed };
}

/**
 * Finds options that were given without the `--` that npm wants in front of them. npm takes these for its own
 * settings: they reach the script as environment variables, and a value after a space as the only argument.
 * @param {string[]} argv arguments after the script's name
 * @param {Record<string, string|undefined>} env
 * @returns {string|undefined} one line with the intended command; undefined if npm took no option
 */
function npmTookOptions(argv, env) {
  // npm has a setting `yes` of its own, which can be set without this option.
  const taken = Object.keys(OPTIONS).filter((name) => name !== 'yes' && env[settingOf(name)] !== undefined);
  if (taken.length === 0) return undefined;
  const rest = [...argv];
  const meant = taken.flatMap((name) => {
    const setting = env[settingOf(name)];
    // So npm notes an option without a value. The value may have become an argument.
    if (setting !== 'true' && setting !== '') return [`--${name}=${quoted(setting)}`];
    const isNext = rest.length > 0 && !rest[0].startsWith('-');
    return [`--${name}`, isNext ? quoted(rest.shift()) : OPTIONS[name].value];
  });
  const flags = taken.map((name) => `--${name}`).join(', ');
  return `npm took ${flags} for itself. Options go after "--": npm start -- ${[...meant, ...rest.map(quoted)].join(' ')}`;
}

/** @returns {string[]} the help, in lines */
function helpLines() {
  return [
    'Usage: npm start -- [options]',
    '',
    'Replays turns of agents through the addon and shows what a backend gets. Without options it replays the recorded',
    'turns of the test suite and a synthetic day to a receiver in this process, and compares the totals with an',
    'independent derivation. Nothing is sent to another machine unless you give --endpoint.',
    '',
    ...optionLines(OPTIONS),
    '',
    'Exit codes: 0 success, 1 something failed or the totals differ, 2 wrong usage, 4 you declined',
  ];
}

/** Synthetic data never reaches a backend by mistake. */
function misuse({ logs, endpoint, synthetic, yes }) {
  if (synthetic && (endpoint === undefined || logs !== undefined)) return '--synthetic needs --endpoint, without --logs.';
  if (yes && (endpoint === undefined || logs === undefined)) return '--yes needs --logs and --endpoint.';
  if (endpoint !== undefined && logs === undefined && !synthetic) return '--endpoint needs --logs DIR for your own history, or --synthetic for made-up turns of the project ccxray-demo.';
  return undefined;
}

function isHttpUrl(text) {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

/** What to say of an argument that is not an option: perhaps it is one without its dashes. */
function unexpected(argument) {
  const [name] = argument.split('=');
  const meant = Object.hasOwn(OPTIONS, name) ? `--${[name, OPTIONS[name].value].filter(Boolean).join(' ')}` : '--help';
  return `Unexpected argument ${JSON.stringify(argument)}. Options go after "--": npm start -- ${meant}.`;
}

/** npm's name for an option that it does not know. */
function settingOf(name) {
  return `npm_config_${name}`;
}

/** An argument as a shell accepts it. */
function quoted(argument) {
  return /^[\w./:=@%+,-]+$/.test(argument) ? argument : JSON.stringify(argument);
}

module.exports = { parseOptions, npmTookOptions, helpLines };
