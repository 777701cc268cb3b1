'use strict';

const fs = require('node:fs');

const { sleep } = require('../waiting');

/*
 * The processes of one scenario. Each has a variable with the scenario's name in its environment, which its children inherit.
 */

const MARK = 'CCXRAY_AGENTS_RUN';
/** How long a process has to end by itself. Milliseconds. */
const GRACE_MS = 1500;

/** @returns {{pid: number, command: string}[]} the processes that run with this mark, or with any if it is left out */
function markedProcesses(mark) {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const variables = fs.readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      const isMarked = variables.some((line) => (mark === undefined ? line.startsWith(`${MARK}=`) : line === `${MARK}=${mark}`));
      if (!isMarked) return [];
      return [{ pid: Number(name), command: fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
    } catch {
      // It has ended.
      return [];
    }
  });
}

/**
 * Ends what still runs with this mark, each process by its number.
 * @param {string} mark
 * @returns {Promise<string[]>} the commands that had to be ended
 */
async function endMarked(mark) {
  const found = markedProcesses(mark);
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    for (const { pid } of markedProcesses(mark)) signalled(pid, signal);
    for (let waited = 0; waited < GRACE_MS && markedProcesses(mark).length > 0; waited += 50) await sleep(50);
  }
  const left = markedProcesses(mark);
  if (left.length > 0) throw new Error(`these processes do not end: ${left.map(({ command }) => command).join(', ')}`);
  return found.map(({ command }) => command);
}

module.exports = { MARK, markedProcesses, endMarked };

function signalled(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
