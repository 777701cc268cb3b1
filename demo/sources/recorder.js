'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** How much is recorded between two looks at the queue, which holds 2048 entries and 64 MiB. */
const CHECK_AFTER = { entries: 32, bytes: 4 << 20 };
const PAUSE_ABOVE = { entries: 512, bytes: 16 << 20 };
const POLL_MS = 2;
/** If nothing is processed for so long, the addon has failed. */
const STALLED_MS = 30_000;
const FLUSH_MS = 10_000;

/** Hands turns to the addon no faster than it processes them, and exports them for a time of the data. */
class Recorder {
  /** When that happened which is exported now, on the clock of the data; undefined while nothing is exported. */
  timeMs = undefined;
  #addon;
  #projects;
  #nextRequests;
  #unchecked = { entries: 0, bytes: 0 };

  /**
   * @param {object} parts
   * @param {object} parts.addon started
   * @param {import('../projects').Projects} parts.projects
   * @param {{add: (line: string, parts: object) => void}} parts.nextRequests gets every turn, too
   */
  constructor({ addon, projects, nextRequests }) {
    this.#addon = addon;
    this.#projects = projects;
    this.#nextRequests = nextRequests;
  }

  /**
   * @param {{line: string, parts: object, directory?: string}} turn `directory`: where its agent works
   * @returns {Promise<void>} resolves when there is room for another one
   */
  async record({ line, parts, directory }) {
    this.#addon.record(line, { ...parts, cwd: this.#projects.directoryOf(directory) });
    this.#nextRequests.add(line, parts);
    this.#unchecked.entries += 1;
    this.#unchecked.bytes += line.length + (parts.request?.length ?? 0) + (parts.response?.length ?? 0);
    if (this.#unchecked.entries < CHECK_AFTER.entries && this.#unchecked.bytes < CHECK_AFTER.bytes) return;
    this.#unchecked = { entries: 0, bytes: 0 };
    // The page is served by the same thread.
    await sleep(0);
    await this.#room();
  }

  /**
   * Exports what was recorded.
   * @param {number} timeMs when it happened
   * @returns {Promise<boolean>} whether it arrived
   */
  async export(timeMs) {
    this.timeMs = timeMs;
    try {
      return await this.#addon.flush(FLUSH_MS);
    } finally {
      this.timeMs = undefined;
    }
  }

  async #room() {
    let { entries } = this.#addon.status();
    let movedAt = Date.now();
    while (entries.queued > PAUSE_ABOVE.entries || entries.queuedBytes > PAUSE_ABOVE.bytes) {
      const { processed } = entries;
      await sleep(POLL_MS);
      ({ entries } = this.#addon.status());
      if (entries.processed !== processed) movedAt = Date.now();
      else if (Date.now() - movedAt > STALLED_MS) throw new Error(`The addon has processed nothing for ${STALLED_MS / 1000} s.`);
    }
  }
}

module.exports = { Recorder };
