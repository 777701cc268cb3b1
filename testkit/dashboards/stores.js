'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { outputOf } = require('../backends/program');
const { startServer } = require('../backends/server');
const { findVictoriaMetrics } = require('../backends/victoria-metrics');
const { eventually } = require('../waiting');
const { NOW } = require('./calendar');
const { importLines, openMetrics } = require('./samples');

const run = promisify(execFile);

/** promtool reads its input once for each block of this length, so each input is one block. */
const BLOCK_SECONDS = 7200;
const PARALLEL = 2;
/** On a busy machine, VictoriaMetrics shows new series some time after it has taken them. */
const SETTLE_MS = 60_000;

/**
 * Finds promtool: `PROMTOOL_BIN`, else the one on PATH.
 * @param {Record<string, string|undefined>} env
 * @returns {{name: string, missing: string}|{name: string, bin: string}}
 */
function findPromtool(env) {
  const name = 'promtool';
  const bin = env.PROMTOOL_BIN || name;
  const { text, missing } = outputOf(bin, '--help');
  if (missing !== undefined) return { name, missing: `${missing}; set PROMTOOL_BIN to one such as .ci/backends.sh fetches` };
  return text.includes('create-blocks-from openmetrics') ? { name, bin } : { name, missing: `${bin} is too old` };
}

/**
 * Finds a Prometheus to query: `PROMETHEUS_BIN`, else the one on PATH. It needs no receiver.
 * @param {Record<string, string|undefined>} env
 * @returns {{name: string, missing: string}|{name: string, bin: string}}
 */
function findPrometheusServer(env) {
  const name = 'Prometheus';
  const bin = env.PROMETHEUS_BIN || 'prometheus';
  const { missing } = outputOf(bin, '--version');
  return missing === undefined ? { name, bin } : { name, missing: `${missing}; set PROMETHEUS_BIN to one such as .ci/backends.sh fetches` };
}

/**
 * Starts a Prometheus that has the samples, back-filled by promtool.
 * @param {object} samples see `fortnight`
 * @param {import('../../dashboards/source/names').Names} names
 * @param {{prometheus: {bin: string}, promtool: {bin: string}}} programs
 * @returns {Promise<Store>}
 */
async function prometheusWith(samples, names, { prometheus, promtool }) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-blocks-'));
  try {
    await backfill(openMetrics(samples, names, BLOCK_SECONDS), directory, promtool.bin);
    const config = path.join(directory, 'prometheus.yml');
    fs.writeFileSync(config, '{}');
    const server = await startServer({
      name: 'Prometheus',
      bin: prometheus.bin,
      args: ({ ports: [port] }) => [
        `--config.file=${config}`, `--storage.tsdb.path=${path.join(directory, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--storage.tsdb.retention.time=100y',
        // Blocks stay as they are: to join them would take longer than the queries.
        '--storage.tsdb.min-block-duration=2h', '--storage.tsdb.max-block-duration=2h',
      ],
      ready: '/-/ready',
    });
    return new Store('Prometheus', server, directory);
  } catch (error) {
    fs.rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

async function backfill(texts, directory, bin) {
  let number = 0;
  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    for (let next = texts.next(); !next.done; next = texts.next()) {
      const file = path.join(directory, `${number += 1}.txt`);
      fs.writeFileSync(file, next.value);
      await run(bin, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, path.join(directory, 'data')]);
      fs.rmSync(file);
    }
  }));
}

/**
 * Starts a VictoriaMetrics and imports the samples.
 * @param {object} samples see `fortnight`
 * @param {import('../../dashboards/source/names').Names} names
 * @param {import('../backends/program').Program} program
 * @returns {Promise<Store>}
 */
async function victoriaMetricsWith(samples, names, program) {
  // Without a cache, no answer is kept from a time when the samples were not all there.
  const args = (place) => [...program.args(place), '-search.disableCache'];
  const store = new Store('VictoriaMetrics', await startServer({ ...program, args }));
  try {
    for (const lines of importLines(samples, names)) await store.post('/api/v1/import', lines);
    await store.get('/internal/force_flush', {});
    const sent = samples.recorders.flatMap(({ series }) => series.map(({ times }) => times.length)).reduce((sum, count) => sum + count, 0);
    const found = async () => Number((await store.instant('sum(count_over_time({__name__=~"ccxray.+"}[15d]))', NOW))[0]?.value[1] ?? 0);
    await eventually(found, (count) => count === sent, SETTLE_MS);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A running backend with samples. */
class Store {
  name;
  #server;
  #directory;

  constructor(name, server, directory) {
    this.name = name;
    this.#server = server;
    this.#directory = directory;
  }

  /** @returns {Promise<{metric: object, value: [number, string]}[]>} result of an instant query at a time in seconds */
  async instant(query, time) {
    return (await this.#api('/api/v1/query', { query, time })).result;
  }

  /** @returns {Promise<{metric: object, values: [number, string][]}[]>} result of a range query; all times are in seconds */
  async range(query, { start, end, step }) {
    return (await this.#api('/api/v1/query_range', { query, start, end, step })).result;
  }

  /** @returns {Promise<string[]>} values of a label of the series that match */
  labelValues(label, match, { start, end }) {
    return this.#api(`/api/v1/label/${encodeURIComponent(label)}/values`, { 'match[]': match, start, end });
  }

  async post(where, body) {
    const answer = await fetch(this.#server.base + where, { method: 'POST', body });
    if (!answer.ok) throw new Error(`${where}: ${answer.status} ${await answer.text()}`);
  }

  async get(where, parameters) {
    return (await fetch(`${this.#server.base}${where}?${new URLSearchParams(parameters)}`)).text();
  }

  /** Ends the backend and removes its data. */
  async close() {
    await this.#server.close();
    if (this.#directory !== undefined) fs.rmSync(this.#directory, { recursive: true, force: true });
  }

  async #api(where, parameters) {
    const text = await this.get(where, parameters);
    let answer;
    try {
      answer = JSON.parse(text);
    } catch {
      throw new Error(`${this.name}: ${text}`);
    }
    if (answer.status !== 'success') throw new Error(`${this.name}: ${answer.error}`);
    return answer.data;
  }
}

module.exports = { findPrometheusServer, findPromtool, findVictoriaMetrics, prometheusWith, victoriaMetricsWith };
