'use strict';

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const { startBridge } = require('./remote-write');

const READY_MS = 30_000;

/** What a server's help says when it can be written to, best first, and the flag that switches it on. */
const WAYS_IN = [
  { word: 'enable-otlp-receiver', flag: '--web.enable-otlp-receiver', hasOtlp: true },
  { word: 'otlp-write-receiver', flag: '--enable-feature=otlp-write-receiver', hasOtlp: true },
  { word: 'enable-remote-write-receiver', flag: '--web.enable-remote-write-receiver', hasOtlp: false },
];

/**
 * A Prometheus to write to: `PROMETHEUS_BIN`, else the one on PATH. Best one with an OTLP receiver; one that was built
 * without takes the same samples by remote write.
 * @param {Record<string, string|undefined>} env
 * @returns {{bin: string, flag: string, hasOtlp: boolean}|{missing: string}} `missing` says what is wrong in one line
 */
function findPrometheus(env) {
  const bin = env.PROMETHEUS_BIN || 'prometheus';
  let help;
  try {
    help = execFileSync(bin, ['--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return { missing: error.code === 'ENOENT' ? `${bin} was not found` : `${bin} --help failed` };
  }
  const way = WAYS_IN.find(({ word }) => help.includes(word));
  return way === undefined ? { missing: `${bin} takes neither OTLP nor remote write` } : { bin, ...way };
}

/**
 * Starts a Prometheus with an empty configuration and a data directory of its own.
 * @param {{bin: string, flag: string, hasOtlp: boolean}} found see `findPrometheus`
 * @returns {Promise<Prometheus>} ready to be written to and asked
 */
async function startPrometheus({ bin, flag, hasOtlp }) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-prometheus-'));
  const config = path.join(home, 'prometheus.yml');
  fs.writeFileSync(config, '');
  const port = await freePort();
  const child = spawn(bin, [
    flag, `--config.file=${config}`, `--storage.tsdb.path=${path.join(home, 'data')}`, `--web.listen-address=127.0.0.1:${port}`,
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  const prometheus = new Prometheus(child, `http://127.0.0.1:${port}`, home);
  try {
    await prometheus.ready();
    if (!hasOtlp) await prometheus.bridge();
  } catch (error) {
    await prometheus.close();
    throw error;
  }
  return prometheus;
}

/** A running server. */
class Prometheus {
  #child;
  #base;
  #home;
  #log = '';
  #exited;
  #bridge;

  constructor(child, base, home) {
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

  /** @returns {string} what to give an exporter as OTLP endpoint */
  get otlpEndpoint() {
    return this.#bridge?.endpoint ?? `${this.#base}/api/v1/otlp`;
  }

  /** Puts an OTLP receiver in front that writes on by remote write. */
  async bridge() {
    this.#bridge = await startBridge(this.#base);
  }

  /** @returns {Promise<void>} when it answers; rejects with its last words if it does not */
  async ready() {
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline && this.#child.exitCode === null) {
      const answer = await fetch(`${this.#base}/-/ready`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(50);
    }
    throw new Error(`Prometheus did not get ready: ${this.#log}`);
  }

  /**
   * Asks an instant query.
   * @param {string} promql
   * @returns {Promise<{metric: object, value?: [number, string], values?: [number, string][]}[]>}
   */
  async query(promql) {
    const answer = await fetch(`${this.#base}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: promql }) });
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

module.exports = { findPrometheus, startPrometheus };
