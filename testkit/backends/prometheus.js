'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { outputOf } = require('./program');
const { findVmagent, startVmagent } = require('./vmagent');

/** Receivers that a build may have, best first: how its help names each, and the flag that turns it on. */
const RECEIVERS = [
  { inHelp: 'enable-otlp-receiver', flag: '--web.enable-otlp-receiver', hasOtlp: true },
  { inHelp: 'otlp-write-receiver', flag: '--enable-feature=otlp-write-receiver', hasOtlp: true },
  { inHelp: 'enable-remote-write-receiver', flag: '--web.enable-remote-write-receiver', hasOtlp: false },
];

/** Resource attributes that become labels of every series. vmagent promotes all of them. */
const PROMOTED = ['project.name', 'team', 'ccxray.cli_otel_active'];

/**
 * Finds a Prometheus: `PROMETHEUS_BIN`, else the one on PATH. In front of a build without an OTLP receiver, as Debian's
 * is, stands a vmagent.
 * @param {Record<string, string|undefined>} env
 * @returns {import('./backend').BackendProgram}
 */
function findPrometheus(env) {
  const name = 'Prometheus';
  const bin = env.PROMETHEUS_BIN || 'prometheus';
  const cure = 'set PROMETHEUS_BIN to one such as .ci/backends.sh fetches';
  const { text, missing } = outputOf(bin, '--help');
  if (missing !== undefined) return { name, missing: `${missing}; ${cure}` };
  const receiver = RECEIVERS.find(({ inHelp }) => text.includes(inHelp));
  if (receiver === undefined) return { name, missing: `${bin} receives neither OTLP nor remote write; ${cure}` };
  const program = {
    name,
    bin,
    args: ({ home, ports: [port] }) => [
      receiver.flag, `--config.file=${config(home, receiver)}`, `--storage.tsdb.path=${path.join(home, 'data')}`, `--web.listen-address=127.0.0.1:${port}`,
    ],
    ready: '/-/ready',
  };
  if (receiver.hasOtlp) return { ...program, otlp: '/api/v1/otlp', resource: { of: 'target_info', service: 'job', instance: 'instance' } };
  const vmagent = findVmagent(env);
  if (vmagent.missing !== undefined) return { name, missing: `${bin} was built without an OTLP receiver, and ${vmagent.missing}` };
  return {
    ...program,
    name: `${name} behind a vmagent`,
    resource: { of: '{__name__=~"ccxray_.+"}', service: 'service_name', instance: 'service_instance_id' },
    relay: (base) => startVmagent(vmagent, base),
  };
}

/**
 * Finds a Prometheus that has an OTLP receiver: `PROMETHEUS_OTLP_BIN`.
 * @param {Record<string, string|undefined>} env
 * @returns {import('./backend').BackendProgram}
 */
function findPrometheusWithOtlp(env) {
  const name = 'Prometheus with an OTLP receiver';
  if (!env.PROMETHEUS_OTLP_BIN) return { name, missing: 'set PROMETHEUS_OTLP_BIN to one such as .ci/go-backends.sh builds' };
  const program = findPrometheus({ ...env, PROMETHEUS_BIN: env.PROMETHEUS_OTLP_BIN });
  if (program.missing !== undefined || program.otlp !== undefined) return { ...program, name };
  return { name, missing: `${env.PROMETHEUS_OTLP_BIN} was built without an OTLP receiver` };
}

function config(home, { hasOtlp }) {
  const file = path.join(home, 'prometheus.yml');
  // The window takes samples that arrive after newer ones, as after an outage. JSON is YAML.
  const storage = { tsdb: { out_of_order_time_window: '30m' } };
  fs.writeFileSync(file, JSON.stringify({ storage, ...(hasOtlp && { otlp: { promote_resource_attributes: PROMOTED } }) }));
  return file;
}

module.exports = { findPrometheus, findPrometheusWithOtlp };
