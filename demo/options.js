'use strict';

const { parseArguments } = require('../cli/arguments');
const { UsageError } = require('../cli/errors');
const { optionLines } = require('../cli/help');

/** A port that no well-known receiver uses. */
const PORT = 4319;

/** Every option of the demo. Help, parsing and suggestions use this table. */
const OPTIONS = {
  logs: { type: 'string', value: 'DIR', text: 'show your own history, from ccxray\'s logs directory, instead of a synthetic day' },
  follow: { type: 'boolean', text: 'show what a running ccxray writes to its logs: in DIR of --logs, by default in ~/.ccxray/logs' },
  listen: { type: 'boolean', text: 'show only what other processes send to the receiver' },
  once: { type: 'boolean', text: 'print a table and end. Default where standard output is not a terminal' },
  page: { type: 'boolean', text: 'serve the page, even where standard output is not a terminal' },
  speed: { type: 'string', value: 'N', whole: [1, 3600], text: 'how many times as fast the synthetic day goes by, 1 to 3600 (default: 60)' },
  port: { type: 'string', value: 'N', whole: [0, 65_535], text: `the port of the page and the receiver; 0 for any (default: ${PORT}, or the next free one)` },
  open: { type: 'boolean', text: 'open the page in your browser' },
  turns: { type: 'string', value: 'N', whole: [1, 100_000], text: 'how many turns a synthetic day has, 1 to 100000 (default: 1000)' },
  seed: { type: 'string', value: 'N', whole: [0, 4_294_967_295], text: 'which synthetic day, any whole number from 0 (default: 1)' },
  endpoint: { type: 'string', value: 'URL', text: 'send to a real OTLP/HTTP backend, with OTEL_EXPORTER_OTLP_HEADERS of your environment; needs --logs or --synthetic' },
  synthetic: { type: 'boolean', text: 'with --endpoint: send the synthetic day, as the project ccxray-demo' },
  yes: { type: 'boolean', text: 'with --logs and --endpoint: send without a question' },
};
const HELP = { help: { type: 'boolean', short: 'h', text: 'print this text' } };
const HELP_COMMAND = 'npm start -- --help';

/** Options that contradict each other. */
const CONTRADICTIONS = [
  ['once', 'page'], ['once', 'follow'], ['once', 'listen'], ['once', 'speed'], ['once', 'port'], ['once', 'open'], ['logs', 'listen'], ['follow', 'listen'],
  ...['follow', 'listen', 'once', 'page', 'open'].map((name) => [name, 'endpoint']),
];

/** Options that have an effect only with turns of a synthetic day. */
const OF_SYNTHETIC_DAY = ['turns', 'seed', 'speed'];

/**
 * @typedef {object} DemoOptions
 * @property {string} [logs]
 * @property {boolean} follow
 * @property {boolean} listen
 * @property {boolean} once
 * @property {boolean} page
 * @property {number} speed
 * @property {number} port
 * @property {boolean} open
 * @property {number} turns
 * @property {number} seed
 * @property {string} [endpoint]
 * @property {boolean} synthetic
 * @property {boolean} yes
 * @property {boolean} json
 */

/**
 * Reads the command line of `npm start`. Uses only Node, so that a clean clone can answer `--help`.
 * @param {string[]} argv arguments after the script's name
 * @returns {DemoOptions & {help: boolean}}
 * @throws {UsageError} The message is one line with the cure.
 */
function parseOptions(argv) {
  const { values, positionals: [argument] } = parseArguments(argv, { ...OPTIONS, ...HELP }, { help: HELP_COMMAND, allowPositionals: true });
  if (argument !== undefined) throw new UsageError(unexpected(argument), HELP_COMMAND);
  const { help = false } = values;
  return { help, ...help ? {} : checkOptions(values, HELP_COMMAND) };
}

/**
 * @param {object} values as they were given
 * @param {string} help the command that prints the help
 * @returns {DemoOptions}
 * @throws {UsageError}
 */
function checkOptions(values, help) {
  const problem = problemWith(values);
  if (problem !== undefined) throw new UsageError(problem, help);
  const { follow = false, listen = false, once = false, page = false, open = false, synthetic = false, yes = false, json = false } = values;
  const { logs, endpoint, speed = 60, port = PORT, turns = 1000, seed = 1 } = values;
  return { logs, follow, listen, once, page, speed, port, open, turns, seed, endpoint, synthetic, yes, json };
}

function problemWith(values) {
  const { logs, follow, listen, endpoint, synthetic, yes } = values;
  if (endpoint !== undefined && !isHttpUrl(endpoint)) return `--endpoint: ${JSON.stringify(endpoint)} is not an http or https URL, such as http://127.0.0.1:4318.`;
  const pair = CONTRADICTIONS.find((names) => names.every((name) => values[name] !== undefined));
  if (pair !== undefined) return `--${pair[0]} does not go with --${pair[1]}. Leave one of them out.`;
  const [other] = Object.entries({ logs, follow, listen }).find(([, value]) => value) ?? [];
  const unused = OF_SYNTHETIC_DAY.find((name) => other !== undefined && values[name] !== undefined);
  if (unused !== undefined) return `--${unused} has no effect with --${other}. Leave one of them out.`;
  return misuse({ logs, endpoint, synthetic, yes });
}

/** Synthetic data never reaches a backend by mistake. */
function misuse({ logs, endpoint, synthetic, yes }) {
  if (synthetic && (endpoint === undefined || logs !== undefined)) return '--synthetic needs --endpoint, without --logs.';
  if (yes && (endpoint === undefined || logs === undefined)) return '--yes needs --logs and --endpoint.';
  if (endpoint !== undefined && logs === undefined && !synthetic) return '--endpoint needs --logs DIR for your own history, or --synthetic for made-up turns of the project ccxray-demo.';
  return undefined;
}

/**
 * Finds options that were given without the `--` that npm wants in front of them. npm takes these for its own
 * settings: they reach the script as environment variables, and a value after a space as the only argument.
 * @param {string[]} argv arguments after the script's name
 * @param {Record<string, string|undefined>} env
 * @returns {string|undefined} one line with the intended command; undefined if npm took no option
 */
function npmTookOptions(argv, env) {
  const taken = Object.keys(OPTIONS).filter((name) => !NPMS_OWN.has(name) && env[settingOf(name)] !== undefined);
  if (taken.length === 0) return undefined;
  const rest = [...argv];
  const meant = taken.flatMap((name) => {
    const setting = env[settingOf(name)];
    // So npm notes an option without a value. The value may have become an argument.
    if (setting !== 'true' && setting !== '') return [`--${name}=${quoted(setting)}`];
    if (OPTIONS[name].type === 'boolean') return [`--${name}`];
    const isNext = rest.length > 0 && !rest[0].startsWith('-');
    return [`--${name}`, isNext ? quoted(rest.shift()) : OPTIONS[name].value];
  });
  const flags = taken.map((name) => `--${name}`).join(', ');
  return `npm took ${flags} for itself. Options go after "--": npm start -- ${[...meant, ...rest.map(quoted)].join(' ')}`;
}

/** Settings of npm with the same names, which can be set without these options. */
const NPMS_OWN = new Set(['yes']);

/** @returns {string[]} the help of `npm start`, in lines */
function helpLines() {
  return [
    'Usage: npm start -- [options]',
    '',
    'On a terminal: serves a live page with a synthetic day, on this machine only. Elsewhere: replays recorded turns and a',
    'synthetic day through the addon, prints what a backend gets, and compares the totals with an independent derivation.',
    'Nothing is sent to another machine unless you give --endpoint.',
    '',
    ...optionLines({ ...OPTIONS, ...HELP }),
    '',
    'Exit codes: 0 success, 1 something failed or the totals differ, 2 wrong usage, 4 you declined',
  ];
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

module.exports = { OPTIONS, checkOptions, parseOptions, npmTookOptions, helpLines };
