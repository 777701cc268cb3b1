'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { CommandError, EXIT } = require('../errors');
const { linesOf } = require('./lines');

/** The name of the index in a logs directory. */
const INDEX = 'index.ndjson';
/** The form of an id. Anything else could be a path outside of the directory. */
const FILE_NAME = /^[\w-]+$/;
/** A turn that seems to take longer has a wrong time. */
const MAX_SECONDS = 86_400;
/** The addon takes no larger entry. */
const MAX_ENTRY_BYTES = 64 << 20;

/** A directory that cannot be read as ccxray's logs. The message is one line with the cure. */
class LogsError extends CommandError {
  constructor(message) {
    super(EXIT.USAGE, message);
  }
}

/**
 * @param {Record<string, string|undefined>} env
 * @returns {string|undefined} where ccxray writes its logs; undefined without a home directory
 */
function usualDirectory({ CCXRAY_HOME: own, HOME: home, USERPROFILE: profile }) {
  if (own && path.isAbsolute(own)) return path.join(own, 'logs');
  const user = home || profile;
  return user && path.isAbsolute(user) ? path.join(user, '.ccxray', 'logs') : undefined;
}

/**
 * @param {string|undefined} directory
 * @returns {boolean} whether it has an index
 */
function hasLogs(directory) {
  return directory !== undefined && statOf(path.join(directory, INDEX))?.isFile() === true;
}

/**
 * Opens your own logs directory: `index.ndjson`, and beside it `<id>_req.json` and `<id>_res.json` for each turn.
 * @param {string} directory
 * @param {object} [options]
 * @param {boolean} [options.mayBeFile] whether `directory` is an argument, and can be the index itself
 * @param {number} [options.sinceMs] leaves out the turns that started before this time
 * @param {number} [options.to] leaves out what follows this byte of the index
 * @param {number} [options.newestBytes] leaves out what is in front of the last so many bytes of the index
 * @returns {Logs}
 * @throws {LogsError} if it is not a directory, or has no `index.ndjson`
 */
function openLogs(directory, { sinceMs, to, newestBytes = Infinity, mayBeFile = false } = {}) {
  const said = mayBeFile ? '' : '--logs: ';
  const found = statOf(directory);
  if (found === undefined) throw new LogsError(`${said}no such directory: ${directory}`);
  const isFile = mayBeFile && found.isFile();
  if (!isFile && !found.isDirectory()) throw new LogsError(`--logs: ${directory} is a file; give the directory that holds ${INDEX}`);
  const file = isFile ? directory : path.join(directory, INDEX);
  const index = statOf(file);
  if (!index?.isFile()) throw new LogsError(`${said}no ${INDEX} in ${directory}; give ccxray's logs directory`);
  try {
    return new Logs(file, { sinceMs, to, from: Math.max(0, index.size - newestBytes) });
  } catch (error) {
    throw error.code === undefined ? error : new LogsError(`${said}${file} cannot be read (${error.code})`);
  }
}

/** The turns of a logs directory, which are read line by line. */
class Logs {
  /** How many turns the index has: its lines without those that are skipped. */
  total = 0;
  /**
   * How many lines are skipped. `copies`: a proxy behind another one logs the same response again. `imported`: ccxray took
   * them from elsewhere. `older`: they are from before the given time.
   */
  skipped = { copies: 0, imported: 0, older: 0 };
  /** How many turns that were read have no response: several turns have the same id, it is missing, or it cannot be read. */
  without = { ambiguous: 0, missing: 0, unreadable: 0 };
  /** How many turns that were read have no request. */
  withoutRequest = 0;
  /** How many turns are larger than the addon takes. They are not given. */
  tooLarge = 0;
  #file;
  #from;
  #to;
  /** What identifies the turn of each line that is not empty; undefined if it is skipped. So no line is parsed twice. */
  #lines = [];
  #repeated = new Set();
  #seen = new SeenResponses();

  constructor(file, { sinceMs, from, to }) {
    this.#file = file;
    this.#from = from;
    this.#to = to;
    const seen = new Set();
    for (const line of this.#text()) {
      const turn = identity(line);
      const skipped = turn.atMs < sinceMs ? 'older' : this.#seen.whySkipped(turn);
      this.#lines.push(skipped === undefined ? turn : undefined);
      if (skipped !== undefined) {
        this.skipped[skipped] += 1;
        continue;
      }
      this.total += 1;
      const { id } = turn;
      if (id === undefined) continue;
      if (seen.has(id)) this.#repeated.add(id);
      seen.add(id);
    }
  }

  /**
   * @yields {{line: string, parts: {request?: Buffer, response?: Buffer}, number: number}} in the order of the index,
   *   including broken lines; `number` is how many turns the index has in front of it
   */
  *turns() {
    let at = 0;
    let number = -1;
    for (const line of this.#text()) {
      // The index may have grown since it was opened.
      if (at === this.#lines.length) return;
      const turn = this.#lines[at];
      at += 1;
      if (turn === undefined) continue;
      number += 1;
      const parts = turn.isJson ? this.#parts(turn.id) : {};
      const bytes = Buffer.byteLength(line) + (parts.request?.length ?? 0) + (parts.response?.length ?? 0);
      if (bytes > MAX_ENTRY_BYTES) this.tooLarge += 1;
      else yield { line, parts, number };
    }
  }

  /** @yields {{endMs?: number}} when each turn ended, in the order of `turns`. No file is read */
  *times() {
    for (const turn of this.#lines) {
      if (turn !== undefined) yield { endMs: turn.endMs };
    }
  }

  /** The lines of the index that are not empty. */
  *#text() {
    for (const line of linesOf(this.#file, { from: this.#from, to: this.#to })) {
      if (line.trim() !== '') yield line;
    }
  }

  /** The responses so far, for lines that are added later. */
  get seen() {
    return this.#seen;
  }

  /** Ids are times in milliseconds. If two turns have the same id, its files may belong to either. */
  #parts(id) {
    if (id !== undefined && this.#repeated.has(id)) {
      this.without.ambiguous += 1;
      this.withoutRequest += 1;
      return {};
    }
    const [request, response] = ['req', 'res'].map((name) => readPart(path.dirname(this.#file), id, name));
    if (request.problem !== undefined) this.withoutRequest += 1;
    if (response.problem !== undefined) this.without[response.problem] += 1;
    return { ...request.part && { request: request.part }, ...response.part && { response: response.part } };
  }
}

/**
 * Reads the request or the response of a turn.
 * @param {string} directory of the logs
 * @param {string|undefined} id of the turn
 * @param {'req'|'res'} name
 * @returns {{part?: Buffer, problem?: 'missing'|'unreadable'}}
 */
function readPart(directory, id, name) {
  if (id === undefined || !FILE_NAME.test(id)) return { problem: 'missing' };
  const file = path.join(directory, `${id}_${name}.json`);
  try {
    const found = fs.statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return { problem: 'missing' };
    // Reading a pipe or a device could block.
    if (!found.isFile() || found.size > MAX_ENTRY_BYTES) return { problem: 'unreadable' };
    return { part: fs.readFileSync(file) };
  } catch (error) {
    if (error.code === undefined) throw error;
    return { problem: 'unreadable' };
  }
}

/** Which responses were counted already. */
class SeenResponses {
  #ids = new Set();

  /**
   * @param {{imported: boolean, responseId?: string}} turn see `identity`
   * @returns {'imported'|'copies'|undefined} why a line is not counted
   */
  whySkipped({ imported, responseId }) {
    if (imported) return 'imported';
    if (responseId === undefined) return undefined;
    if (this.#ids.has(responseId)) return 'copies';
    this.#ids.add(responseId);
    return undefined;
  }
}

/** A line that is not JSON has none of these. It is given, so that the addon counts it as malformed. */
function identity(line) {
  try {
    const { id, imported, responseId, receivedAt, elapsed } = JSON.parse(line);
    const atMs = Number.isFinite(receivedAt) ? receivedAt : undefined;
    const seconds = Number(elapsed);
    return {
      id: textOf(id), imported: imported === true, responseId: textOf(responseId), isJson: true,
      atMs, endMs: atMs === undefined ? undefined : atMs + (seconds > 0 && seconds < MAX_SECONDS ? seconds * 1000 : 0),
    };
  } catch {
    return { imported: false, isJson: false };
  }
}

function textOf(value) {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function statOf(file) {
  try {
    return fs.statSync(file);
  } catch {
    return undefined;
  }
}

module.exports = { INDEX, SeenResponses, hasLogs, identity, openLogs, readPart, usualDirectory, LogsError };
