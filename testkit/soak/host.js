'use strict';

const { fork } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { createHistogram } = require('node:perf_hooks');

const { clearAway } = require('../scratch/clear-away');

const CHILD = path.join(__dirname, 'host-child.js');
const ANSWER_WITHIN_MS = 30_000;
const END_WITHIN_MS = 15_000;
/** All of them are opened by the first burst, and stay. */
const CONNECTIONS = 8;
/** More than this many requests without an answer say that a host stands still. */
const MOST_WAITING = 3000;
const MICROSECONDS = 1000;

/** A secret that is in the hosts' environment, and is to be found in no file. */
const SECRET = 'h3ader-of-the-soak';

/** A host in a process of its own, as the parent sees it. */
class Host {
  /** Requests by what became of them. */
  requests = { sent: 0, answered: 0, failed: 0, skipped: 0 };
  /** Of the requests that are measured, in microseconds. */
  latency = createHistogram();
  /** What it wrote on standard error. */
  stderr = '';
  /** Why a request failed that did, the first of them. */
  firstError;
  #child;
  #agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: 'fifo' });
  #asked = new Map();
  #ids = 0;
  #port;
  #last;
  #ended;

  /**
   * Starts one.
   * @param {object} options
   * @param {string} options.name
   * @param {string|null} options.addon what it requires; `null`: it has none
   * @param {number} options.seed of its turns
   * @param {string} [options.endpoint] of the collector
   * @param {Record<string, string>} [options.env] beside the usual one
   */
  constructor({ name, addon, seed, endpoint, env = {} }) {
    this.name = name;
    this.hasAddon = addon !== null;
    this.home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `ccxray-soak-${name.replaceAll(' ', '-')}-`)));
    // Its name says at the collector who it is.
    fs.writeFileSync(path.join(this.home, '.ccxray.json'), JSON.stringify({ otel: { tier: 1, project: name } }));
    const options = { cwd: this.home, home: this.home, env: endpoint === undefined ? {} : { ...switchedOn(endpoint), ...env } };
    this.#child = fork(CHILD, [JSON.stringify({ addon, options, seed })], {
      cwd: this.home,
      env: { PATH: process.env.PATH, HOME: this.home, USERPROFILE: this.home },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.stderr = (this.stderr + text).slice(0, 10_000); });
    this.#child.on('message', (message) => this.#heard(message));
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.end = { code, signal };
        for (const { reject } of this.#asked.values()) reject(new Error(`${this.name} is gone`));
        resolve(this.end);
      });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Where the addon keeps its own files. */
  get files() {
    return path.join(this.home, '.ccxray');
  }

  /** @returns {Promise<void>} when it listens */
  async started() {
    for (const until = Date.now() + ANSWER_WITHIN_MS; this.#port === undefined;) {
      if (this.end || Date.now() > until) throw new Error(`${this.name} did not start: ${this.stderr}`);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }

  /** @returns {Promise<*>} what the child answers; see `ANSWERS` there */
  ask(question) {
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.name} did not answer to ${question}`)), ANSWER_WITHIN_MS);
      const settle = (act) => (value) => {
        clearTimeout(timer);
        this.#asked.delete(id);
        act(value);
      };
      this.#asked.set(id, { resolve: settle(resolve), reject: settle(reject) });
      if (this.end || !this.#child.connected) this.#asked.get(id).reject(new Error(`${this.name} is gone`));
      else this.#child.send({ id, ask: question });
    });
  }

  /** Requests that have no answer yet. */
  get waiting() {
    return this.requests.sent - this.requests.answered - this.requests.failed;
  }

  /** One request, which is one turn. */
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

  /** @returns {{rss: number, threads: number, fds: number}} what the kernel says of it; bytes */
  resources() {
    const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]);
    return { rss: field('VmRSS') * 1024, threads: field('Threads'), fds: fs.readdirSync(`/proc/${this.pid}/fd`).length };
  }

  /** @returns {Promise<object>} how it ended after SIGTERM, and what stood in its books then as `last` */
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

  /** Ends it at once and removes its home. */
  clear() {
    this.#agent.destroy();
    if (!this.end) this.signal('SIGKILL');
    clearAway(this.home);
  }

  #heard({ id, answer, port, last }) {
    if (port !== undefined) this.#port = port;
    else if (last !== undefined) this.#last = last;
    else this.#asked.get(id)?.resolve(answer);
  }

  #failed(error) {
    this.requests.failed += 1;
    this.firstError ??= error.message;
  }
}

/** The environment of an engineer who switched metrics on for this launch. */
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
