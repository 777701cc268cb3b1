'use strict';

const path = require('node:path');

const { outputOf } = require('./program');
const { startServer } = require('./server');

/**
 * Finds a rotel, a collector that forwards OTLP: `ROTEL_BIN`, else `rotel-agent` on PATH.
 * @param {Record<string, string|undefined>} env
 * @returns {{name: string, missing: string}|{name: string, bin: string}}
 */
function findRotel(env) {
  const name = 'rotel';
  const bin = env.ROTEL_BIN || 'rotel-agent';
  const { text, missing } = outputOf(bin, '--version');
  const cure = 'set ROTEL_BIN to one such as .ci/backends.sh fetches';
  if (missing !== undefined) return { name, missing: `${missing}; ${cure}` };
  return text.includes('rotel') ? { name, bin } : { name, missing: `${bin} does not run; ${cure}` };
}

/**
 * Starts a rotel that forwards metrics over HTTP.
 * @param {{name: string, bin: string}} rotel see `findRotel`
 * @param {string} target OTLP endpoint, without `/v1/metrics`
 * @param {string[]} [more] further arguments
 * @returns {Promise<{endpoints: {http: string, grpc: string}, close: () => Promise<void>}>} `close` delivers what it holds
 */
async function startRotel({ name, bin }, target, more = []) {
  const server = await startServer({
    name,
    bin,
    ports: 2,
    args: ({ home, ports: [http, grpc] }) => [
      'start', '--otlp-http-endpoint', `127.0.0.1:${http}`, '--otlp-grpc-endpoint', `127.0.0.1:${grpc}`,
      '--exporter', 'otlp', '--otlp-exporter-protocol', 'http', '--otlp-exporter-endpoint', target,
      '--pid-file', path.join(home, 'pid'), '--log-file', path.join(home, 'log'), ...more,
    ],
    ready: '',
  });
  const [http, grpc] = server.ports.map((port) => `http://127.0.0.1:${port}`);
  return { endpoints: { http, grpc }, pid: server.pid, close: () => server.close() };
}

module.exports = { findRotel, startRotel };
