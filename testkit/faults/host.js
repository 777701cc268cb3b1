'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const CHILD = path.join(__dirname, 'host-child.js');
const ADDON = path.resolve(__dirname, '../..');
const READY_MS = 15_000;

/**
 * Starts a host process with a new home and with no other environment than `env`.
 * @param {object} [options]
 * @param {Record<string, string>} [options.env] such as what turns telemetry on; may hold `HOME` and `CCXRAY_HOME`
 * @param {string|null} [options.addon] the addon that it requires, `null` for none. Default: this repository
 * @param {number} [options.blockMs] how long it blocks in every `record`, as a faulty addon would. Default: 0
 * @param {string[]} [options.under] a command to run it under, which must replace itself with the host by `exec`
 * @param {(home: string) => void} [options.prepare] called with its home, which is also its project, before it starts
 * @returns {Promise<Host>} listening
 */
async function launchHost(options) {
  const host = new Host(options);
  await host.ready();
  return host;
}

/** A running host. */
class Host {
  /** What `init` returned. */
  started;
  /** A directory that `clear` removes. */
  home;
  /** The directory of the addon's files. */
  ccxrayHome;
  /** How many requests were answered. */
  requests = 0;
  #child;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #answers = new Map();
  #stderr = '';
  #port;
  #final;
  #gone;
  #begun;

  constructor({ env = {}, addon = ADDON, blockMs = 0, under = [], prepare } = {}) {
    this.home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-host-')));
    this.ccxrayHome = env.CCXRAY_HOME ?? path.join(this.home, '.ccxray');
    prepare?.(this.home);
    const [command, ...rest] = [...under, process.execPath, CHILD, JSON.stringify({ addon, blockMs })];
    const own = { HOME: this.home, USERPROFILE: this.home, CCXRAY_HOME: this.ccxrayHome };
    this.#child = spawn(command, rest, {
      cwd: this.home,
      env: { PATH: process.env.PATH, ...own, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.#stderr += text; });
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ code: null, signal: error.message, at: performance.now() }));
      this.#child.once('close', (code, signal) => resolve({ code, signal, at: performance.now() }));
    });
    this.#begun = new Promise((resolve) => {
      this.#child.on('message', (message) => {
        if (message.port) resolve(message);
        else if (message.final) this.#final = message.final;
        else this.#answered(message);
      });
    });
    void this.#gone.then(() => this.#abandon());
  }

  get pid() {
    return this.#child.pid;
  }

  /** All that it has written to standard error. */
  get stderr() {
    return this.#stderr;
  }

  async ready() {
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(resolve, READY_MS, {}); });
    const { port, status } = await Promise.race([this.#begun, this.#gone, late]);
    clearTimeout(timer);
    if (port === undefined) {
      await this.clear();
      throw new Error(`the host did not start: ${this.#stderr}`);
    }
    this.#port = port;
    this.started = status;
  }

  /**
   * Sends one request, on a connection that stays open.
   * @param {number} [bytes] the length of its turn's response. Default: 2000
   * @returns {Promise<number>} milliseconds from its beginning to the end of the answer
   */
  request(bytes = 2000) {
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      const get = http.get({ port: this.#port, host: '127.0.0.1', path: `/?bytes=${bytes}`, agent: this.#agent }, (response) => {
        response.on('error', reject).resume().on('end', () => {
          this.requests += 1;
          resolve(performance.now() - begun);
        });
      });
      get.on('error', reject);
    });
  }

  /**
   * Sends a command to the child.
   * @param {string} command one of `COMMANDS` in host-child.js
   * @param {object} [options]
   * @returns {Promise<*>} its answer
   */
  send(command, options) {
    const id = this.#answers.size === 0 ? 1 : Math.max(...this.#answers.keys()) + 1;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.send({ id, command, options }, (error) => error && this.#answered({ id, error: error.message }));
    });
  }

  /** The result of `addon.status()`. */
  status() {
    return this.send('status');
  }

  /** @returns {Promise<boolean[]>} the results of that many flushes, one after the other */
  flush(withinMs, times = 1) {
    return this.send('flush', { withinMs, times });
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** @returns {Promise<Ending>} after SIGTERM */
  stop() {
    return this.#ended(() => this.signal('SIGTERM'));
  }

  /** @returns {Promise<Ending>} after it ended by itself, with nothing left to do */
  leave() {
    return this.#ended(() => void this.send('leave').catch(() => {}));
  }

  /** Kills the process if it still runs, and removes its home. */
  async clear() {
    this.#agent.destroy();
    this.#child.kill('SIGKILL');
    await this.#gone;
    fs.rmSync(this.home, { recursive: true, force: true });
  }

  /**
   * @typedef {object} Ending
   * @property {number|null} code
   * @property {string|null} signal
   * @property {number} elapsedMs from the request to end until the end
   * @property {string} stderr
   * @property {{status: object, recorded: object, cost: object}} [final] its state after the shutdown
   */
  async #ended(begin) {
    const since = performance.now();
    begin();
    const { code, signal, at } = await this.#gone;
    return { code, signal, elapsedMs: at - since, stderr: this.#stderr, final: this.#final };
  }

  #answered({ id, answer, error }) {
    const waiting = this.#answers.get(id);
    this.#answers.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(error));
  }

  #abandon() {
    for (const id of this.#answers.keys()) this.#answered({ id, error: `the host has ended: ${this.#stderr}` });
  }
}

/** The environment of a user who turned metrics on. */
function switchedOn(endpoint, env = {}) {
  return { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env };
}

module.exports = { launchHost, Host, switchedOn };
