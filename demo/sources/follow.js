'use strict';

const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const { INDEX, readPart } = require('../../cli/history/logs');
const { directoryIn } = require('./history');
const { Tail } = require('./tail');

const POLL_MS = 1000;

/**
 * The turns that a running ccxray adds to its logs.
 * @param {object} options
 * @param {string} options.directory of the logs
 * @param {Tail} [options.tail] Default: what is added from now on
 * @param {import('./recorder').Recorder} options.recorder
 * @param {AbortSignal} options.signal ends it
 */
async function runFollow({ directory, tail = new Tail(path.join(directory, INDEX)), recorder, signal }) {
  while (!signal.aborted) {
    const lines = tail.read();
    for (const line of lines) {
      await recorder.record({ line, parts: partsOf(directory, line), directory: directoryIn(line) });
    }
    if (lines.length > 0) await recorder.export(Date.now());
    await pause(signal);
  }
}

/** ccxray writes the request and the response before the line. */
function partsOf(directory, line) {
  const id = idIn(line);
  const [request, response] = ['req', 'res'].map((name) => readPart(directory, id, name).part);
  return { ...request && { request }, ...response && { response } };
}

function idIn(line) {
  try {
    const { id } = JSON.parse(line);
    return typeof id === 'string' ? id : undefined;
  } catch {
    // Such a line is counted as malformed.
    return undefined;
  }
}

async function pause(signal) {
  try {
    await sleep(POLL_MS, undefined, { signal });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

module.exports = { runFollow };
