'use strict';

const { startServer } = require('./server');

/**
 * A program that stores metrics and answers PromQL.
 * @typedef {import('./program').Program & object} BackendProgram
 * @property {string} otlp path of its OTLP receiver, to which an exporter appends `/v1/metrics`
 * @property {string} [settle] path that makes queries see everything that was written
 * @property {(base: string) => Promise<{endpoint: string, settle: () => Promise<void>, close: () => Promise<void>}>} [relay]
 *   starts an OTLP receiver in front of a server that has none
 * @property {{of: string, service: string, instance: string}} resource which series have the resource's attributes, and
 *   the labels that hold its service and instance
 */

/**
 * @param {BackendProgram} program
 * @returns {Promise<Backend>} ready for writes and queries
 */
async function startBackend(program) {
  const server = await startServer(program);
  try {
    return new Backend(program, server, await program.relay?.(server.base));
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** A running backend. */
class Backend {
  #program;
  #server;
  #relay;

  constructor(program, server, relay) {
    this.#program = program;
    this.#server = server;
    this.#relay = relay;
  }

  /** @returns {string} the OTLP endpoint for an exporter */
  get otlpEndpoint() {
    return this.#relay?.endpoint ?? this.#server.base + this.#program.otlp;
  }

  /** @returns {number} of its process */
  get pid() {
    return this.#server.pid;
  }

  /** @returns {Promise<void>} resolves when queries see everything that was written */
  async settle() {
    await this.#relay?.settle();
    if (this.#program.settle !== undefined) await fetch(this.#server.base + this.#program.settle);
  }

  /**
   * Runs an instant query.
   * @param {string} promql
   * @param {number} [time] in seconds. Default: now
   * @returns {Promise<{metric: object, value?: [number, string], values?: [number, string][]}[]>}
   */
  async query(promql, time = Date.now() / 1000) {
    // Without a time, some servers use one that is not exact to the millisecond.
    const body = new URLSearchParams({ query: promql, time: String(time) });
    const answer = await fetch(`${this.#server.base}/api/v1/query`, { method: 'POST', body });
    const { status, data, error } = await answer.json();
    if (status !== 'success') throw new Error(`${promql}: ${error}`);
    return data.result;
  }

  /** Ends the backend and removes its data. */
  async close() {
    await this.#relay?.close();
    await this.#server.close();
  }
}

module.exports = { startBackend };
