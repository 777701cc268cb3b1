'use strict';

/*
 * Metrics of finished turns, by @ccxray/otel-native. `ccxray-otel host apply` has written this file to `server/otel.js` of
 * ccxray; with `--undo` it removes the file, and all lines that end with `ccxray-otel`.
 * Without the package all functions do nothing.
 */

const path = require('node:path');

const PACKAGE = '@ccxray/otel-native';

let host;

/** The package, loaded once; an object without functions if it cannot be used. */
function load() {
  if (host !== undefined) return host;
  try {
    host = require(`${PACKAGE}/host`);
  } catch (error) {
    host = {};
    if (isWanted(process.env)) say(reasonOf(error));
  }
  return host;
}

/** Whether a variable asks for telemetry, and none forbids it. */
function isWanted({ CCXRAY_OTEL_TIER: tier, DO_NOT_TRACK: doNotTrack, OTEL_SDK_DISABLED: isDisabled }) {
  return ['1', '2'].includes(tier?.trim()) && !isVeto(doNotTrack) && !isVeto(isDisabled);
}

function isVeto(value = '') {
  return !['', '0', 'false', 'no', 'off'].includes(value.trim().toLowerCase());
}

function reasonOf(error) {
  const [reason] = String(error?.message ?? error).split('\n', 1);
  return error?.code === 'MODULE_NOT_FOUND' && reason.includes(PACKAGE) ? `${PACKAGE} is not installed` : reason;
}

function say(reason) {
  // oxlint-disable-next-line no-console
  console.error(`ccxray-otel: nothing is sent: ${reason}`);
}

/** Whatever goes wrong in metrics, the proxy goes on. */
function call(name, ...args) {
  try {
    return load()[name]?.(...args);
  } catch (error) {
    host = {};
    say(reasonOf(error));
    return undefined;
  }
}

/** Starts metrics, before the port is open. Ends the process with code 78 if the config cannot be used. */
function init(options) {
  const file = path.join(__dirname, '..', 'package.json');
  call('init', { hasCommands: true, hostVersion: require(file).version, ...options });
}

/** Runs a command of telemetry, and sets the exit code. Returns whether these arguments are one. */
function cli(argv) {
  const [name] = argv;
  if (name !== 'otel' && name !== 'parser' && !(name === 'status' && argv.includes('--otel'))) return false;
  process.exitCode = 1;
  try {
    host = require(`${PACKAGE}/host`);
    host.command(argv, process).then((code) => { process.exitCode = code; });
  } catch (error) {
    // oxlint-disable-next-line no-console
    console.error(`ccxray ${name}: ${reasonOf(error)}`);
  }
  return true;
}

module.exports = {
  cli,
  init,
  client: (options) => call('client', { hasCommands: true, ...options }),
  arrived: (request, context) => call('arrived', request, context),
  turn: (context, line, parts) => call('turn', context, line, parts),
  status: (cwd) => call('status', cwd),
  shutdown: () => call('shutdown'),
};
