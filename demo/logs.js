'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

/** Why a directory cannot be read as ccxray's logs; the message is one line and says what was expected. */
class LogsError extends Error {}

/**
 * Opens an engineer's own logs directory: `index.ndjson` and beside it `<id>_res.json` for each turn.
 * @param {string} directory
 * @returns {Promise<Logs>}
 * @throws {LogsError} when it is no directory, or has no `index.ndjson`
 */
async function openLogs(directory) {
  const found = await statOf(directory);
  if (found === undefined) throw new LogsError(`--logs: no such directory: ${directory}`);
  if (!found.isDirectory()) throw new LogsError(`--logs: ${directory} is a file; give the directory that holds index.ndjson`);
  const index = await statOf(path.join(directory, 'index.ndjson'));
  if (!index?.isFile()) throw new LogsError(`--logs: no index.ndjson in ${directory}; give ccxray's logs directory`);
  const { total, repeated } = await survey(path.join(directory, 'index.ndjson'));
  return new Logs(directory, total, repeated);
}

/** The turns of a logs directory, read line by line and never held as a whole. */
class Logs {
  /** How many lines the index had when it was opened, imported ones left out. */
  total;
  /** Turns without their response, because several turns share its id or because there is none. */
  without = { ambiguous: 0, missing: 0 };
  #directory;
  #repeated;

  constructor(directory, total, repeated) {
    this.total = total;
    this.#directory = directory;
    this.#repeated = repeated;
  }

  /** @yields {{line: string, parts: {response?: Buffer}}} in the order of the index; broken lines too */
  async *turns() {
    for await (const line of lines(path.join(this.#directory, 'index.ndjson'))) {
      const { id, imported } = identity(line);
      if (imported) continue;
      const response = await this.#response(id);
      yield { line, parts: response === undefined ? {} : { response } };
    }
  }

  /** Ids are wall-clock milliseconds: a file under an id that two turns share may belong to either. */
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

/** One pass over the index: how many turns there are, and which ids are used more than once. */
async function survey(file) {
  const seen = new Set();
  const repeated = new Set();
  let total = 0;
  for await (const line of lines(file)) {
    const { id, imported } = identity(line);
    if (imported) continue;
    total += 1;
    if (id === undefined) continue;
    if (seen.has(id)) repeated.add(id);
    seen.add(id);
  }
  return { total, repeated };
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

/** A line that is no JSON has neither; it goes on, so that the addon can count it as malformed. */
function identity(line) {
  try {
    const { id, imported } = JSON.parse(line);
    return { id: typeof id === 'string' ? id : undefined, imported: imported === true };
  } catch {
    return { id: undefined, imported: false };
  }
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

/** What an id looks like; anything else could point out of the directory. */
const FILE_NAME = /^[\w-]+$/;

module.exports = { openLogs, LogsError };
