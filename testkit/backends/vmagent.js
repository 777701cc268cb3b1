'use strict';

const path = require('node:path');

const { eventually } = require('../waiting');
const { outputOf } = require('./program');
const { startServer } = require('./server');

const NAMING = '-opentelemetry.usePrometheusNaming';
const SETTLE_MS = 20_000;

/**
 * Finds a vmagent that names OTLP metrics as Prometheus does: `VMAGENT_BIN`, else the one on PATH.
 * @param {Record<string, string|undefined>} env
 * @returns {{name: string, missing: string}|{name: string, bin: string}}
 */
function findVmagent(env) {
  const name = 'vmagent';
  const bin = env.VMAGENT_BIN || 'vmagent';
  const { text, missing } = outputOf(bin, '-help');
  const cure = 'set VMAGENT_BIN to one such as .ci/backends.sh fetches';
  if (missing !== undefined) return { name, missing: `${missing}; ${cure}` };
  return text.includes(NAMING) ? { name, bin } : { name, missing: `${bin} is too old; ${cure}` };
}

/**
 * Starts an OTLP receiver that hands on by remote write.
 * @param {{name: string, bin: string}} vmagent see `findVmagent`
 * @param {string} base URL of a server with a receiver of remote writes
 * @returns {Promise<Vmagent>}
 */
async function startVmagent({ name, bin }, base) {
  const server = await startServer({
    name,
    bin,
    args: ({ home, ports: [port] }) => [
      `-httpListenAddr=127.0.0.1:${port}`, `-remoteWrite.url=${base}/api/v1/write`, `-remoteWrite.tmpDataPath=${path.join(home, 'queue')}`,
      // One queue keeps the samples of a series in order.
      '-remoteWrite.forcePromProto', '-remoteWrite.queues=1', '-remoteWrite.flushInterval=100ms', NAMING,
    ],
    ready: '/health',
  });
  return new Vmagent(server);
}

/** A running vmagent. */
class Vmagent {
  #server;

  constructor(server) {
    this.#server = server;
  }

  /** @returns {string} the OTLP endpoint for an exporter */
  get endpoint() {
    return `${this.#server.base}/opentelemetry`;
  }

  /** @returns {Promise<void>} resolves when everything that it has received is delivered */
  async settle() {
    await eventually(() => this.#waiting(), (waiting) => waiting === 0, SETTLE_MS);
  }

  /** @returns {Promise<void>} resolves when it has ended */
  close() {
    return this.#server.close();
  }

  /** How many samples and bytes are on their way. */
  async #waiting() {
    const text = await (await fetch(`${this.#server.base}/metrics`)).text();
    const sum = (name) => Array.from(text.matchAll(new RegExp(String.raw`^vmagent_remotewrite_${name}(?:\{.*\})? (\S+)$`, 'gm')), ([, value]) => Number(value)).reduce((a, b) => a + b, 0);
    const rows = sum('rows_pushed_after_relabel_total') - sum('block_size_rows_sum');
    const blocks = sum('block_size_rows_count') - sum('requests_total');
    return Math.abs(rows) + Math.abs(blocks) + sum('pending_data_bytes') + sum('pending_inmemory_blocks');
  }
}

module.exports = { findVmagent, startVmagent };
