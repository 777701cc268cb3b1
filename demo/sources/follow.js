'use strict';

const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const { INDEX, SeenResponses, identity, readPart } = require('../../cli/history/logs');
const { directoryIn } = require('./history');
const { Tail } = require('./tail');

const POLL_MS = 1000;

/**
 * The turns that a running ccxray adds to its logs.
 * @param {object} options
 * @param {string} options.directory of the logs
 * @param {Tail} [options.tail] Default: what is added from now on
 * @param {SeenResponses} [options.seen] the responses that were counted before
 * @param {import('./recorder').Recorder} options.recorder
 * @param {(problem: string) => void} [options.onProblem] is given a line if the index cannot be read for a time
 * @param {AbortSignal} options.signal ends it
 */
async function runFollow({ directory, tail = new Tail(path.join(directory, INDEX)), seen = new SeenResponses(), recorder, signal, onProblem = () => {} }) {
  let problem;
  while (!signal.aborted) {
    const read = readLines(tail);
    if (read.problem !== undefined && read.problem !== problem) onProblem(`The index cannot be read (${read.problem}). Trying again.`);
    problem = read.problem;
    // A proxy behind another one logs the same response again.
    const turns = read.lines.map((line) => ({ line, turn: identity(line) })).filter(({ turn }) => seen.whySkipped(turn) === undefined);
    for (const { line, turn } of turns) {
      await recorder.record({ line, parts: partsOf(directory, turn.id), directory: directoryIn(line) });
    }
    if (turns.length > 0) await recorder.export(Date.now());
    await pause(signal);
  }
}

/** The index can be replaced while it is read. */
function readLines(tail) {
  try {
    return { lines: tail.read() };
  } catch (error) {
    if (error.code === undefined) throw error;
    return { lines: [], problem: error.code };
  }
}

/** ccxray writes the request and the response before the line. */
function partsOf(directory, id) {
  const [request, response] = ['req', 'res'].map((name) => readPart(directory, id, name).part);
  return { ...request && { request }, ...response && { response } };
}

async function pause(signal) {
  try {
    await sleep(POLL_MS, undefined, { signal });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

module.exports = { runFollow };
