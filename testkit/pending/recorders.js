'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');

const { amountsOf } = require('../backends/fleet-turns');
const { noAmounts } = require('./amounts');

const CHILD = path.join(__dirname, '..', 'children', 'recorder.js');
/** Money is added up in another order. */
const TOLERANCE = 1e-9;
const USUAL = { first: 0, turns: 3, flushEvery: 3, flushMs: 400, pauseMs: 0, end: 'order' };

/**
 * What a process has said about itself.
 * @typedef {object} Run
 * @property {string} [instance] its instance id. Absent if it was killed before it had one
 * @property {number} attempted how many turns it has recorded at most
 * @property {number} confirmed how many turns are delivered or on the disk at least
 * @property {number} repeated how many intervals of ended processes it has sent again
 * @property {number} slowest the longest call of `record`, in milliseconds
 * @property {number} first the number of its first turn
 * @property {number|null} code
 * @property {string|null} signal
 * @property {string} stderr
 * @property {{isDelivered: boolean, dropped: object}} [final] how its shutdown went, if it was not killed
 */

/**
 * Runs a process that records turns. See `children/recorder.js`.
 * @param {object} init options of `init`
 * @param {object} [plan] in addition to the usual one: 3 turns, a flush, and a shutdown
 * @param {object} [options]
 * @param {Record<string, string>} [options.env] of the process itself, such as a shifted clock
 * @param {number} [options.killAfterMs] when it is killed, counted from its first output: a start can take long
 * @returns {Promise<Run>} when it has ended
 */
function runRecorder(init, plan = {}, { env = {}, killAfterMs } = {}) {
  const whole = { ...USUAL, ...plan };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(init), JSON.stringify(whole)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].setEncoding('utf8').on('data', (text) => { output[stream] += text; });
  let killer;
  if (killAfterMs !== undefined) child.stdout.once('data', () => { killer = setTimeout(() => child.kill('SIGKILL'), killAfterMs); });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(killer);
      if (code !== 0 && signal !== 'SIGKILL') reject(new Error(`a process ended with ${code ?? signal}: ${output.stderr}`));
      else resolve({ ...runOf(output.stdout), first: whole.first, code, signal, stderr: output.stderr });
    });
  });
}

/** The last value of each event. */
function runOf(stdout) {
  const events = stdout.split('\n').filter((line) => line.endsWith('}')).map((line) => JSON.parse(line));
  const run = Object.assign({ attempted: 0, confirmed: 0, repeated: 0, slowest: 0 }, ...events);
  // A process that ended in order has delivered or stored everything, or says that it has not.
  return run.final && run.final.dropped.shutdown === 0 ? { ...run, confirmed: run.attempted } : run;
}

/**
 * What is wrong with the sums of a backend, after some processes.
 * @param {Run[]} runs
 * @param {StoreBackend} backend
 * @param {Set<string>} [unclear] the instance ids of processes whose last request may have arrived. Their file is sent without
 *   the values before the newest ones, so `increase()` does not see all of them
 * @returns {Promise<string[]>} sentences
 */
async function problemsOf(runs, backend, unclear = new Set()) {
  const [sums, increases] = [await backend.sums(), await backend.increases()];
  const known = new Set(runs.map(({ instance }) => instance));
  const strangers = [...sums.keys()].filter((instance) => !known.has(instance)).map((instance) => `nobody is ${instance}`);
  const started = runs.filter(({ instance }) => instance !== undefined);
  return [...strangers, ...started.flatMap((run) => problemsOfOne(run, { sums, increases, isUnclear: unclear.has(run.instance) }))];
}

function problemsOfOne({ instance, first, attempted, confirmed, signal }, { sums, increases, isUnclear }) {
  const [most, least] = [attempted, confirmed].map((recorded) => amountsOf([{ first, recorded }]));
  const [has, increase] = [sums, increases].map((amounts) => amounts.get(instance) ?? noAmounts());
  const who = `${instance} (${signal ?? 'ended'}, ${confirmed} to ${attempted} turns from ${first})`;
  const problems = Object.keys(most).flatMap((name) => [
    [has[name] > most[name], `${who} has ${has[name]} of ${name}, and recorded at most ${most[name]}`],
    [has[name] < least[name], `${who} has ${has[name]} of ${name}, and ${least[name]} was safe`],
    [isWrong(increase[name] - has[name], isUnclear), `${who} has ${has[name]} of ${name}, and increased by ${increase[name]}`],
  ]);
  return problems.filter(([isProblem]) => isProblem).map(([, sentence]) => sentence);
}

/** A larger increase is always wrong: the backend has counted something again. */
function isWrong(difference, isUnclear) {
  return difference > TOLERANCE || (!isUnclear && difference < -TOLERANCE);
}

module.exports = { runRecorder, problemsOf };
