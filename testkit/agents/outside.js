'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const { contained } = require('./containment');
const { cacheFolder } = require('./install');

const RUN = path.join(__dirname, 'run.js');
const OUTCOMES = 3;

/**
 * Runs scenarios in namespaces of their own, and removes the scratch folder afterwards.
 * @param {object} options
 * @param {string[]} options.names of the scenarios
 * @param {Record<string, {version: string, program: string[]}>} options.programs by client
 * @param {number} options.jobs how many run side by side
 * @param {string} [options.checkout] of ccxray. Default: the fake host
 * @param {string} [options.addon] module that the fake host uses. Default: this package
 * @param {(outcome: object) => void} [onOutcome] is given each outcome as soon as there is one
 * @param {AbortSignal} [signal] ends the run early
 * @returns {Promise<{outcomes: object[], running: string[], stray: string[]}>} `running`: processes that were left; `stray`: files
 *   that clients have written besides their homes
 * @throws {Error} if the run itself fails
 */
async function runContained({ names, programs, jobs, checkout, addon }, onOutcome = () => {}, signal = undefined) {
  // Not in the directory for temporary files: within the namespaces that is a new, empty one.
  const parent = path.join(cacheFolder(), 'scratch');
  fs.mkdirSync(parent, { recursive: true });
  const scratch = fs.realpathSync(fs.mkdtempSync(path.join(parent, 'run-')));
  try {
    const child = contained(RUN, [JSON.stringify({ names, programs, jobs, checkout, addon, scratch })], { stdio: ['ignore', 'inherit', 'pipe', 'pipe'], env: process.env });
    let stderr = '';
    child.stderr.on('data', (text) => { stderr += text; });
    const stop = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', stop);
    const outcomes = [];
    let end;
    for await (const line of readline.createInterface({ input: child.stdio[OUTCOMES] })) {
      const told = JSON.parse(line);
      if (told.running) end = told;
      else {
        outcomes.push(told);
        onOutcome(told);
      }
    }
    signal?.removeEventListener('abort', stop);
    if (!end && !signal?.aborted) throw new Error(`the run has ended early: ${stderr.trim()}`);
    return { outcomes, running: end?.running ?? [], stray: end?.stray ?? [] };
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

module.exports = { runContained };
