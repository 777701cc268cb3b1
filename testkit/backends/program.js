'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const READY_MS = 30_000;

/**
 * A backend program to which metrics can be sent, or the reason why it cannot be used.
 * @typedef {object} Program
 * @property {string} name for messages
 * @property {string} [missing] the reason, in one line; the program has no further properties then
 * @property {string} [remark] in one line, what a run with it does not test
 * @property {string} bin
 * @property {(home: string, port: number) => string[]} args for a server that keeps its data in `home`
 * @property {string} ready path that answers 200 as soon as the server can be used
 * @property {string} otlp path of its OTLP receiver, to which an exporter appends `/v1/metrics`
 * @property {string} [settle] path that makes queries see everything that was written
 * @property {(base: string) => Promise<{endpoint: string, close: () => Promise<void>}>} [bridge] starts an OTLP receiver
 *   in front of a server that has none
 * @property {{of: string, service: string, instance: string}} resource which series have the resource's attributes, and
 *   the labels that hold its service and instance
 */

/**
 * What a program prints as its help or version.
 * @param {string} bin path, or a name on PATH
 * @param {string} flag
 * @returns {{text: string}|{missing: string}}
 */
function outputOf(bin, flag) {
  const { error, stdout, stderr } = spawnSync(bin, [flag], { encoding: 'utf8', timeout: 10_000 });
  if (error === undefined) return { text: stdout + stderr };
  return { missing: error.code === 'ENOENT' ? `${bin} was not found` : `${bin} cannot be run: ${error.code}` };
}

/**
 * Starts a server on a free port of the loopback interface, with a new data directory.
 * @param {Program} program
 * @returns {Promise<Backend>} ready for writes and queries
 */
async function startBackend(program) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-backend-'));
  const port = await freePort();
  const child = spawn(program.bin, program.args(home, port), { stdio: ['ignore', 'ignore', 'pipe'] });
  const backend = new Backend(program, child, `http://127.0.0.1:${port}`, home);
  try {
    await backend.ready();
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

/** A running server. */
class Backend {
  #program;
  #child;
  #base;
  #home;
  #log = '';
  #exited;
  #bridge;

  constructor(program, child, base, home) {
    this.#program = program;
    this.#child = child;
    this.#base = base;
    this.#home = home;
    this.#exited = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
    child.stderr.on('data', (chunk) => {
      this.#log = (this.#log + chunk).slice(-4000);
    });
  }

  /** @returns {string} the OTLP endpoint for an exporter */
  get otlpEndpoint() {
    return this.#bridge?.endpoint ?? this.#base + this.#program.otlp;
  }

  /** @returns {Promise<void>} resolves when the server accepts writes; rejects with the end of its log if it does not */
  async ready() {
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline && this.#child.exitCode === null) {
      const answer = await fetch(this.#base + this.#program.ready).catch(() => undefined);
      if (answer?.ok) {
        this.#bridge = await this.#program.bridge?.(this.#base);
        return;
      }
      await sleep(50);
    }
    throw new Error(`${this.#program.name} did not get ready: ${this.#log}`);
  }

  /** @returns {Promise<void>} resolves when queries see everything that was written */
  async settle() {
    if (this.#program.settle !== undefined) await fetch(this.#base + this.#program.settle);
  }

  /**
   * Runs an instant query.
   * @param {string} promql
   * @returns {Promise<{metric: object, value?: [number, string], values?: [number, string][]}[]>}
   */
  async query(promql) {
    // Without a time, some servers use one that is not exact to the millisecond.
    const body = new URLSearchParams({ query: promql, time: String(Date.now() / 1000) });
    const answer = await fetch(`${this.#base}/api/v1/query`, { method: 'POST', body });
    const { status, data, error } = await answer.json();
    if (status !== 'success') throw new Error(`${promql}: ${error}`);
    return data.result;
  }

  /** Ends the server and removes its data. */
  async close() {
    await this.#bridge?.close();
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#exited;
    clearTimeout(killer);
    fs.rmSync(this.#home, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

module.exports = { outputOf, startBackend };
