'use strict';

const fs = require('node:fs');
const path = require('node:path');

const PAGE = path.join(__dirname, '..', '..', 'docs', 'backends.md');

/**
 * The configuration of a gateway in docs/backends.md, for loopback ports. The queue on the disk is left out: its extension is
 * not part of the Collector's core.
 * @param {{http: number, grpc: number}} ports
 * @param {string} target OTLP endpoint, without `/v1/metrics`
 * @returns {string} YAML
 */
function gatewayConfig({ http, grpc }, target) {
  const [, section] = fs.readFileSync(PAGE, 'utf8').split('\n## A gateway for many users\n');
  const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(section);
  const replaced = yaml
    .replace(/^extensions:\n(?: .*\n)+/m, '')
    .replace(/^.*file_storage.*\n/gm, '')
    .replace('0.0.0.0:4318', `127.0.0.1:${http}`)
    .replace('0.0.0.0:4317', `127.0.0.1:${grpc}`)
    .replace('http://victoria-metrics:8428/opentelemetry', target);
  return `${replaced}  telemetry:\n    metrics:\n      level: none\n`;
}

module.exports = { gatewayConfig };
