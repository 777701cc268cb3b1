'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const { CommandError, EXIT } = require('../cli/errors');

/** A directory that cannot be read as ccxray's logs. The message is one line with the cure. */
class LogsError extends CommandError {
  constructor(message) {
    super(EXIT.USAGE, message);
  }
}

/**
 * Opens your own logs directory: `index.ndjson`, and beside it `<id>_res.json` for each turn.
 * @param {string} directory
 * @returns {Promise<Logs>}
 * @throws {LogsError} if it is not a directory, or has no `index.ndjson`
 */
async function openLogs(directory) {
  const found = await statOf(directory);
  if (found === undefined) throw new LogsError(`--logs: no such directory: ${directory}`);
  if (!found.isDirectory()) throw new LogsError(`--logs: ${directory} is a file; give the directory that holds index.ndjson`);
  const index = await statOf(path.join(directory, 'index.ndjson'));
  if (!index?.isFile()) throw new LogsError(`--logs: no index.ndjson in ${directory}; give ccxray's logs directory`);
  return new Logs(directory, await survey(path.join(directory, 'index.ndjson')));
}

/** The turns of a logs directory, which are read line by line. */
class Logs {
  /** How many turns the index has: its lines without imported ones and copies. */
  total;
  /** How many lines are copies, which are skipped. A proxy behind another one logs the same response again. */
  copies;
  /** How many turns have no response, because several turns have the same id or because it is missing. */
  without = { ambiguous: 0, missing: 0 };
  #directory;
  #repeated;

  constructor(directory, { total, copies, repeated }) {
    this.total = total;
    this.copies = copies;
    this.#directory = directory;
    this.#repeated = repeated;
  }

  /** @yields {{line: string, parts: {response?: Buffer}}} in the order of the index, including broken lines */
  async *turns() {
    const responses = new Set();
    for await (const line of lines(path.join(this.#directory, 'index.ndjson'))) {
      const { id, imported, responseId } = identity(line);
      if (imported || responses.has(responseId)) continue;
      if (responseId !== undefined) responses.add(responseId);
      const response = await this.#response(id);
      yield { line, parts: response === undefined ? {} : { response } };
    }
  }

  /** Ids are times in milliseconds. If two turns have the same id, its file may belong to either. */
  async #response(id) {
    if (id !== undefined && this.#repeated.has(id)) {
      this.without.ambiguous += 1;
      return undefined;
    }
    const response = id === undefined || !FILE_NAME.test(id) ? undefined : await readIfThere(path.join(this.#directory, `${id}_res.json`));
    if (response === undefined) this.without.missing += 1;
    return response;
  }
}

/** Reads the index once, and counts turns, copies of turns, and ids that are not unique. */
async function survey(file) {
  const seen = new Set();
  const repeated = new Set();
  const responses = new Set();
  let total = 0;
  let copies = 0;
  for await (const line of lines(file)) {
    const { id, imported, responseId } = identity(line);
    if (imported) continue;
    if (responses.has(responseId)) {
      copies += 1;
      continue;
    }
    if (responseId !== undefined) responses.add(responseId);
    total += 1;
    if (id === undefined) continue;
    if (seen.has(id)) repeated.add(id);
    seen.add(id);
  }
  return { total, copies, repeated };
}

async function* lines(file) {
  const input = fs.createReadStream(file, 'utf8');
  try {
    for await (const line of readline.createInterface({ input, crlfDelay: Infinity })) {
      if (line.trim() !== '') yield line;
    }
  } finally {
    input.destroy();
  }
}

/** A line that is not JSON has none of these. It is replayed, so that the addon counts it as malformed. */
function identity(line) {
  try {
    const { id, imported, responseId } = JSON.parse(line);
    return { id: textOf(id), imported: imported === true, responseId: textOf(responseId) };
  } catch {
    return { imported: false };
  }
}

function textOf(value) {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

async function statOf(file) {
  try {
    return await fs.promises.stat(file);
  } catch {
    return undefined;
  }
}

async function readIfThere(file) {
  try {
    return await fs.promises.readFile(file);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw new LogsError(`--logs: cannot read ${file}: ${error.message}`);
  }
}

/** The form of an id. Anything else could be a path outside of the directory. */
const FILE_NAME = /^[\w-]+$/;

module.exports = { openLogs, LogsError };
