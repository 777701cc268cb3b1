'use strict';

const { fork } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { createHistogram } = require('node:perf_hooks');

const { clearAway } = require('../../demo/clear-away');

const CHILD = path.join(__dirname, 'host-child.js');
const ANSWER_WITHIN_MS = 30_000;
const END_WITHIN_MS = 15_000;
/** The first burst opens all of them, and they stay open. */
const CONNECTIONS = 8;
/** With more unanswered requests than this, the host counts as stopped. */
const MOST_WAITING = 3000;
const MICROSECONDS = 1000;

/** A secret in the environment of the hosts, which must be in no file. */
const SECRET = 'h3ader-of-the-soak';

/** The parent's side of a host process. */
class Host {
  /** Requests by their result. */
  requests = { sent: 0, answered: 0, failed: 0, skipped: 0 };
  /** The latencies of the measured requests, in microseconds. */
  latency = createHistogram();
  /** All that it wrote to standard error. */
  stderr = '';
  /** The error of the first request that failed. */
  firstError;
  #child;
  #agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: 'fifo' });
  #asked = new Map();
  #ids = 0;
  #port;
  #last;
  #ended;

  /**
   * Starts the process.
   * @param {object} options
   * @param {string} options.name
   * @param {string|null} options.addon the addon that it requires; `null` for none
   * @param {number} options.seed of its turns
   * @param {string} [options.endpoint] of the collector
   * @param {Record<string, string>} [options.env] added to the usual environment
   */
  constructor({ name, addon, seed, endpoint, env = {} }) {
    this.name = name;
    this.hasAddon = addon !== null;
    this.home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `ccxray-soak-${name.replaceAll(' ', '-')}-`)));
    // The collector knows the hosts by their project names.
    fs.writeFileSync(path.join(this.home, '.ccxray.json'), JSON.stringify({ otel: { tier: 1, project: name } }));
    const options = { cwd: this.home, home: this.home, env: endpoint === undefined ? {} : { ...switchedOn(endpoint), ...env } };
    this.#child = fork(CHILD, [JSON.stringify({ addon, options, seed })], {
      cwd: this.home,
      env: { PATH: process.env.PATH, HOME: this.home, USERPROFILE: this.home },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.stderr = (this.stderr + text).slice(0, 10_000); });
    this.#child.on('message', (message) => this.#received(message));
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.end = { code, signal };
        for (const { reject } of this.#asked.values()) reject(new Error(`${this.name} has ended`));
        resolve(this.end);
      });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** The directory of the addon's files. */
  get files() {
    return path.join(this.home, '.ccxray');
  }

  /** @returns {Promise<void>} resolves when it listens */
  async started() {
    for (const until = Date.now() + ANSWER_WITHIN_MS; this.#port === undefined;) {
      if (this.end || Date.now() > until) throw new Error(`${this.name} did not start: ${this.stderr}`);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }

  /** @returns {Promise<*>} the answer to one of `COMMANDS` in host-child.js */
  send(command) {
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.name} did not answer ${command}`)), ANSWER_WITHIN_MS);
      const settle = (act) => (value) => {
        clearTimeout(timer);
        this.#asked.delete(id);
        act(value);
      };
      this.#asked.set(id, { resolve: settle(resolve), reject: settle(reject) });
      if (this.end || !this.#child.connected) this.#asked.get(id).reject(new Error(`${this.name} has ended`));
      else this.#child.send({ id, command });
    });
  }

  /** How many requests have no answer yet. */
  get waiting() {
    return this.requests.sent - this.requests.answered - this.requests.failed;
  }

  /** Sends one request, which is one turn. */
  turn(size, { isMeasured }) {
    if (this.waiting >= MOST_WAITING) {
      this.requests.skipped += 1;
      return;
    }
    this.requests.sent += 1;
    const begun = performance.now();
    const request = http.get({ host: '127.0.0.1', port: this.#port, path: `/turn/${encodeURIComponent(size)}`, agent: this.#agent }, (response) => {
      response.resume().on('end', () => {
        this.requests.answered += 1;
        if (isMeasured) this.latency.record(Math.max(1, Math.round((performance.now() - begun) * MICROSECONDS)));
      });
      response.on('error', (error) => this.#failed(error));
    });
    request.on('error', (error) => this.#failed(error));
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** @returns {{rss: number, threads: number, fds: number}} from the kernel; `rss` in bytes */
  resources() {
    const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]);
    return { rss: field('VmRSS') * 1024, threads: field('Threads'), fds: fs.readdirSync(`/proc/${this.pid}/fd`).length };
  }

  /** @returns {Promise<object>} how it ended after SIGTERM, with its final counts as `last` */
  async stop() {
    const begun = performance.now();
    this.signal('SIGTERM');
    this.signal('SIGCONT');
    const timer = setTimeout(() => this.signal('SIGKILL'), END_WITHIN_MS);
    const end = await this.#ended;
    clearTimeout(timer);
    this.#agent.destroy();
    return { ...end, elapsedMs: performance.now() - begun, last: this.#last };
  }

  /** Kills the process if it still runs, and removes its home. */
  clear() {
    this.#agent.destroy();
    if (!this.end) this.signal('SIGKILL');
    clearAway(this.home);
  }

  #received({ id, answer, port, last }) {
    if (port !== undefined) this.#port = port;
    else if (last !== undefined) this.#last = last;
    else this.#asked.get(id)?.resolve(answer);
  }

  #failed(error) {
    this.requests.failed += 1;
    this.firstError ??= error.message;
  }
}

/** The environment of a user who turned metrics on. */
function switchedOn(endpoint) {
  return {
    CCXRAY_OTEL_TIER: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${SECRET}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  };
}

module.exports = { Host, SECRET };
