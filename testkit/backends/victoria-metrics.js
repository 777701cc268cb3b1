'use strict';

const path = require('node:path');

const { outputOf } = require('./program');

/** The oldest tested minor version of 1. From 1.132 to 1.141 some names get the unit of another metric. */
const OLDEST_MINOR = 112;

const NAMING = '-opentelemetry.usePrometheusNaming';

/**
 * Finds a VictoriaMetrics that can name OTLP metrics as Prometheus does: `VICTORIA_METRICS_BIN`, else the one on PATH.
 * @param {Record<string, string|undefined>} env
 * @param {string[]} [more] further arguments
 * @returns {import('./backend').BackendProgram}
 */
function findVictoriaMetrics(env, more = []) {
  const name = 'VictoriaMetrics';
  const bin = env.VICTORIA_METRICS_BIN || 'victoria-metrics';
  const { text, missing } = outputOf(bin, '-help');
  const cure = `set VICTORIA_METRICS_BIN to one of version 1.${OLDEST_MINOR} or newer, such as .ci/backends.sh fetches`;
  if (missing !== undefined) return { name, missing: `${missing}; ${cure}` };
  if (!text.includes(NAMING) || isTooOld(bin)) return { name, missing: `${bin} is too old; ${cure}` };
  return {
    name,
    bin,
    args: ({ home, ports: [port] }) => [
      `-storageDataPath=${path.join(home, 'data')}`, `-httpListenAddr=127.0.0.1:${port}`, '-retentionPeriod=100y', '-search.latencyOffset=0s', NAMING, ...more,
    ],
    ready: '/health',
    otlp: '/opentelemetry',
    settle: '/internal/force_flush',
    resource: { of: '{__name__=~"ccxray_.+"}', service: 'service_name', instance: 'service_instance_id' },
  };
}

/** Debian's builds print no version. They count as new enough, since they have the flag. */
function isTooOld(bin) {
  const minor = /\bv1\.(\d+)\./.exec(outputOf(bin, '-version').text)?.[1];
  return minor !== undefined && Number(minor) < OLDEST_MINOR;
}

module.exports = { findVictoriaMetrics };
