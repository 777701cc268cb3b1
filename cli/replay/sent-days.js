'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { CommandError, EXIT } = require('../errors');

/** A file with many years of days for many endpoints is much smaller. */
const MAX_BYTES = 4 << 20;

/** The days of the history that a receiver has acknowledged. They are kept in a file of the user, for each endpoint and project. */
class SentDays {
  #file;
  #key;
  #days;

  /**
   * @param {string} directory ccxray's own
   * @param {string} endpoint the URL of requests, however the user wrote it. It may contain a token, so only its hash is kept
   * @param {string} project
   * @throws {CommandError} if the file cannot be read
   */
  constructor(directory, endpoint, project) {
    this.#file = path.join(directory, 'otel', 'replayed.json');
    this.#key = crypto.createHash('sha256').update(JSON.stringify([endpoint, project])).digest('hex');
    this.#days = new Set(this.#read()[this.#key]);
  }

  /** @returns {boolean} whether the receiver has a day already */
  has(day) {
    return this.#days.has(day);
  }

  /** Notes that the receiver has these days. What another process has noted meanwhile stays. */
  add(days) {
    for (const day of days) this.#days.add(day);
    const all = this.#read();
    const together = [...new Set([...all[this.#key] ?? [], ...this.#days])];
    together.sort();
    this.#write({ ...all, [this.#key]: together });
  }

  #read() {
    try {
      const found = fs.statSync(this.#file, { throwIfNoEntry: false });
      if (found === undefined) return {};
      const days = found.isFile() && found.size <= MAX_BYTES ? JSON.parse(fs.readFileSync(this.#file, 'utf8')) : undefined;
      if (isRecord(days)) return days;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new CommandError(EXIT.OFF, `${this.#file} is damaged, so it is unknown which days were sent. Delete it to send all of them. Those that were sent are counted twice then.`);
  }

  /** Replaces the file in one step, readable only by the user. */
  #write(days) {
    fs.mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const draft = `${this.#file}.${crypto.randomBytes(8).toString('hex')}.new`;
    fs.writeFileSync(draft, `${JSON.stringify(days, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    fs.renameSync(draft, this.#file);
  }
}

function isRecord(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.values(value).every((days) => Array.isArray(days) && days.every((day) => /^\d{4}-\d{2}-\d{2}$/.test(day)));
}

module.exports = { SentDays };
