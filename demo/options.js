'use strict';

/** Every option of the demo. Help, parsing and suggestions use this table. */
const OPTIONS = [
  { flag: '--logs', value: 'DIR', text: 'replay your own ccxray logs directory instead of the synthetic day' },
  { flag: '--endpoint', value: 'URL', text: 'send to a real OTLP/HTTP backend, with OTEL_EXPORTER_OTLP_HEADERS of your environment' },
  { flag: '--turns', value: 'N', text: 'how many turns the synthetic day has, 1 to 100000 (default 1000)' },
  { flag: '--seed', value: 'N', text: 'which synthetic day, any whole number from 0 (default 1)' },
  { flag: '--help', text: 'print this text' },
];

/** How many letters of a name may be wrong for a suggestion. */
const NEAR = 2;

/**
 * @typedef {object} DemoOptions
 * @property {boolean} help
 * @property {string} [logs]
 * @property {string} [endpoint]
 * @property {number} turns
 * @property {number} seed
 */

/**
 * Reads the command line. Uses nothing but Node, so that a clean clone can answer `--help`.
 * @param {string[]} argv arguments after the script's name
 * @returns {{options: DemoOptions, error?: undefined}|{error: string}} `error` is one line with the cure
 */
function parseOptions(argv) {
  const given = {};
  for (let i = 0; i < argv.length; i += 1) {
    const [flag, inline] = splitOnce(argv[i], '=');
    const option = OPTIONS.find((candidate) => candidate.flag === (flag === '-h' ? '--help' : flag));
    if (option === undefined) return { error: unknown(argv[i], flag) };
    if (option.value === undefined) {
      given[option.flag] = true;
      continue;
    }
    const value = inline ?? argv[(i += 1)];
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('--'))) {
      return { error: `${flag} needs a value: ${flag} ${option.value}` };
    }
    given[flag] = value;
  }
  return resolved(given);
}

/**
 * The message for options that were given to npm without `--` before them. npm then treats them as settings of its own:
 * they reach the script as environment variables, and a value after a space becomes the only argument.
 * @param {string[]} argv arguments after the script's name
 * @param {Record<string, string|undefined>} env
 * @returns {string|undefined} one line with the intended command; undefined if npm took no option
 */
function npmTookOptions(argv, env) {
  const taken = OPTIONS.filter(({ flag }) => env[settingOf(flag)] !== undefined);
  if (taken.length === 0) return undefined;
  const rest = [...argv];
  const meant = taken.flatMap(({ flag, value }) => {
    const setting = env[settingOf(flag)];
    // This is npm's form of an option without a value. The value may have become an argument.
    if (setting !== 'true' && setting !== '') return [`${flag}=${quoted(setting)}`];
    const isNext = rest.length > 0 && !rest[0].startsWith('-');
    return [flag, isNext ? quoted(rest.shift()) : value];
  });
  const flags = taken.map(({ flag }) => flag).join(', ');
  return `npm took ${flags} for itself; options go after "--": npm start -- ${[...meant, ...rest.map(quoted)].join(' ')}`;
}

/** @returns {string} the help text, without line end */
function helpText() {
  const rows = OPTIONS.map(({ flag, value, text }) => `  ${`${flag} ${value ?? ''}`.padEnd(18)}${text}`);
  return [
    'Usage: npm start -- [options]',
    '',
    'Replays agent turns through the addon and shows what a backend receives. Without options it sends the recorded turns',
    'of the test suite and a synthetic day to a receiver in this process, and compares the totals with an independent',
    'implementation. Nothing is sent to another machine, except with --endpoint.',
    '',
    ...rows,
    '',
    'Exit codes: 0 success, 1 a failure or different totals, 2 wrong usage.',
  ].join('\n');
}

function resolved(given) {
  const turns = wholeNumber(given, '--turns', 1000, 1, 100_000);
  if (turns.error) return turns;
  const seed = wholeNumber(given, '--seed', 1, 0, 4_294_967_295);
  if (seed.error) return seed;
  const endpoint = given['--endpoint'];
  if (endpoint !== undefined && !isHttpUrl(endpoint)) {
    return { error: `--endpoint: ${JSON.stringify(endpoint)} is not an http or https URL, such as http://127.0.0.1:4318` };
  }
  for (const flag of ['--turns', '--seed']) {
    if (given['--logs'] !== undefined && given[flag] !== undefined) return { error: `${flag} has no effect with --logs: leave one of them out` };
  }
  return { options: { help: given['--help'] === true, logs: given['--logs'], endpoint, turns: turns.value, seed: seed.value } };
}

function wholeNumber(given, flag, fallback, low, high) {
  const text = given[flag];
  if (text === undefined) return { value: fallback };
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return { value };
  return { error: `${flag}: expected a whole number from ${low} to ${high}, got ${JSON.stringify(text)}` };
}

function isHttpUrl(text) {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

/** The message for an argument that is not an option, with the cure. */
function unknown(argument, flag) {
  if (!argument.startsWith('-')) {
    const meant = OPTIONS.find((option) => option.flag === `--${flag}`);
    const example = [meant?.flag ?? '--help', meant?.value].filter((part) => part !== undefined).join(' ');
    return `unexpected argument ${JSON.stringify(argument)}; options go after "--": npm start -- ${example}`;
  }
  const near = nearest(flag);
  const cure = near === undefined ? 'npm start -- --help lists what there is' : `did you mean ${near}?`;
  return `unknown option ${JSON.stringify(argument)}; ${cure}`;
}

/** The option that is nearest to a mistyped one, if any is near enough. */
function nearest(flag) {
  const begun = OPTIONS.filter((option) => flag.length > '--'.length && option.flag.startsWith(flag));
  if (begun.length > 0) return begun[0].flag;
  const distances = OPTIONS.map((option) => [option.flag, editDistance(flag, option.flag)]);
  const [name, distance] = distances.reduce((best, candidate) => (candidate[1] < best[1] ? candidate : best));
  return distance <= NEAR ? name : undefined;
}

/** npm's name for an option that it does not know. */
function settingOf(flag) {
  return `npm_config_${flag.slice('--'.length)}`;
}

/** An argument as a shell accepts it. */
function quoted(argument) {
  return /^[\w./:=@%+,-]+$/.test(argument) ? argument : JSON.stringify(argument);
}

/** How many letters to add, remove or change to get from one to the other. */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}

function splitOnce(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

module.exports = { parseOptions, npmTookOptions, helpText };
