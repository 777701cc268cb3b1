'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { startReceiver } = require('../receiver/receiver');
const { totalsOf } = require('../otlp/totals');

/** The addon in another process, which launches it again for every set of records. */
class Addon {
  #child = fork(path.join(__dirname, 'child.js'), {
    env: { PATH: process.env.PATH },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  #complaints = '';

  constructor() {
    // Each launch prints its notice. Only the last lines can matter.
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#complaints = (this.#complaints + text).slice(-2000);
    });
  }

  /**
   * Launches the addon for these records alone, and returns what it sends.
   * @param {{line: string, parts: object}[]} records
   * @returns {Promise<import('../otlp/totals').Totals>}
   * @throws {Error} if not all of them were counted and delivered
   */
  async totals(records) {
    const receiver = await startReceiver();
    try {
      const { delivered, entries, problem } = await this.#ask({ endpoint: receiver.endpoint, records });
      if (!delivered || entries.processed + entries.dropped.malformed !== records.length) {
        throw new Error(`the addon did not process or deliver everything: ${problem ?? JSON.stringify(entries)}`);
      }
      return totalsOf(receiver.series());
    } finally {
      await receiver.close();
    }
  }

  /** @returns {Promise<void>} resolves when the process has ended */
  async stop() {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }

  #ask(question) {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onExit = (code, signal) => reject(new Error(`the process of the addon ended: ${signal ?? code}\n${this.#complaints}`));
      child.once('exit', onExit);
      child.once('message', (answer) => {
        child.off('exit', onExit);
        resolve(answer);
      });
      child.send(question);
    });
  }
}

module.exports = { Addon };
