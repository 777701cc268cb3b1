'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { outputOf } = require('./program');
const { startServer } = require('./server');

/**
 * Finds an OpenTelemetry Collector: `OTELCOL_BIN`, else `otelcol` on PATH.
 * @param {Record<string, string|undefined>} env
 * @returns {{name: string, missing: string}|{name: string, bin: string}}
 */
function findOtelcol(env) {
  const name = 'OpenTelemetry Collector';
  const bin = env.OTELCOL_BIN || 'otelcol';
  const { missing } = outputOf(bin, '--version');
  return missing === undefined ? { name, bin } : { name, missing: `${missing}; set OTELCOL_BIN to one such as .ci/go-backends.sh builds` };
}

/**
 * Starts a Collector.
 * @param {{name: string, bin: string}} otelcol see `findOtelcol`
 * @param {(ports: {http: number, grpc: number}) => string} configOf its configuration, in YAML
 * @returns {Promise<{endpoints: {http: string, grpc: string}, pid: number, close: () => Promise<void>}>} `close` delivers
 *   what it holds
 */
async function startOtelcol({ name, bin }, configOf) {
  const server = await startServer({
    name,
    bin,
    ports: 2,
    args: ({ home, ports: [httpPort, grpcPort] }) => {
      const file = path.join(home, 'config.yaml');
      fs.writeFileSync(file, configOf({ http: httpPort, grpc: grpcPort }));
      return ['--config', file];
    },
    ready: '',
  });
  const [httpEndpoint, grpcEndpoint] = server.ports.map((port) => `http://127.0.0.1:${port}`);
  return { endpoints: { http: httpEndpoint, grpc: grpcEndpoint }, pid: server.pid, close: () => server.close() };
}

module.exports = { findOtelcol, startOtelcol };
