'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const CHILD = require.resolve('./replay-child');

/**
 * Replays turns in a process of its own, for a project in a directory of its own.
 * @param {object} otel the project's settings
 * @param {{turns?: number, flushes?: number, env?: Record<string, string>}} [options] see replay-child.js; `flushes` and `env`
 *   need `turns`
 * @returns {Promise<{delivered: boolean[], status: object, stderr: string}>}
 */
async function replayFor(otel, { turns, flushes = 1, env = {} } = {}) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-otel-'));
  try {
    fs.writeFileSync(path.join(directory, '.ccxray.json'), JSON.stringify({ otel }));
    const args = [CHILD, directory, ...(turns === undefined ? [] : [String(turns), String(flushes), JSON.stringify(env)])];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    return { ...JSON.parse(stdout), stderr };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

module.exports = { replayFor };
