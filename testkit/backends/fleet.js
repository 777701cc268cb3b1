'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { Random } = require('../../demo/traffic/random');

const CHILD = require.resolve('./fleet-child');

/** The most turns of one process. */
const MAX_TURNS = 12;

/**
 * Runs many short-lived processes of one project, some of which are ended with SIGTERM, many of these while they record.
 * @param {object} otel the project's settings
 * @param {object} options
 * @param {number} options.processes how many in all
 * @param {number} options.parallel how many at a time
 * @param {number} [options.turns] of each process. Default: a random number up to 12, and a third of the processes is ended by a signal
 * @param {number} [options.seed] Default: 1
 * @returns {Promise<{first: number, recorded: number, delivered: boolean, signalled: boolean}[]>} one for each process
 */
async function runFleet(otel, { processes, parallel, turns, seed = 1 }) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-fleet-'));
  const random = new Random(seed);
  const plans = Array.from({ length: processes }, (_, i) => ({
    first: i * MAX_TURNS,
    turns: turns ?? random.int(1, MAX_TURNS),
    killAfterMs: turns === undefined && random.chance(1 / 3) ? random.int(0, MAX_TURNS * 20) : undefined,
  }));
  const runs = [];
  try {
    fs.writeFileSync(path.join(directory, '.ccxray.json'), JSON.stringify({ otel }));
    await Promise.all(Array.from({ length: parallel }, async () => {
      for (let plan = plans.pop(); plan !== undefined; plan = plans.pop()) runs.push(await runOne(directory, plan));
    }));
    return runs;
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** The time of the kill counts from the addon's line on standard error, because a start takes long on a busy machine. */
function runOne(directory, { first, turns, killAfterMs }) {
  return new Promise((resolve, reject) => {
    const end = killAfterMs === undefined ? 'itself' : 'signal';
    const child = spawn(process.execPath, [CHILD, directory, String(turns), String(first), end], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) child[stream].setEncoding('utf8').on('data', (text) => { output[stream] += text; });
    let killer;
    if (killAfterMs !== undefined) child.stderr.once('data', () => { killer = setTimeout(() => child.kill('SIGTERM'), killAfterMs); });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(killer);
      if (code === 0) resolve({ first, ...JSON.parse(output.stdout) });
      else reject(new Error(`a process ended with ${code ?? signal}: ${output.stderr}`));
    });
  });
}

module.exports = { runFleet };
