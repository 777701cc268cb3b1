'use strict';

const { isVetoed } = require('./asked');
const files = require('./client-files');
const { messageOf } = require('./notice');
const { describe } = require('./variables');

/**
 * Leaves a file for the hub with what the launch of this client says, and removes it at the exit. Leaves none if nobody asks
 * for telemetry: the hub then counts nothing of this client.
 *
 * @param {object} client
 * @param {object} [client.addon] `undefined` if it cannot be loaded
 * @param {string} client.cwd
 * @param {Record<string, string|undefined>} client.env
 * @returns {string|undefined} the line for the user
 * @throws {Error} if the file cannot be written
 */
function leaveConsent({ addon, cwd, env }) {
  const directory = files.directoryOf(env);
  if (!directory) return undefined;
  files.sweep(directory, Date.now());
  const { isNeeded, tier = 0, line } = isVetoed(env) ? { isNeeded: true } : wishOf(addon, cwd);
  if (!isNeeded) {
    // An earlier process with this number may have left one.
    files.forget(directory, process.pid);
    return undefined;
  }
  files.write(directory, process.pid, { cwd, tier, ...describe(env) });
  process.on('exit', () => files.forget(directory, process.pid));
  return line;
}

/** Whether anybody says something about telemetry, the tier of the project now, and the line about it. */
function wishOf(addon, cwd) {
  if (!addon) return { isNeeded: false };
  try {
    const { state, tier, decidedBy } = addon.inspect({ cwd });
    const isNeeded = state !== 'disabled' || decidedBy !== 'default';
    return { isNeeded, tier, line: isNeeded ? addon.notice({ cwd }) : undefined };
  } catch (error) {
    return { isNeeded: true, line: `nothing is sent: ${messageOf(error)}` };
  }
}

module.exports = { leaveConsent };
