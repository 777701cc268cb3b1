'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { outputOf } = require('./program');
const { startBridge } = require('./remote-write');

/** Receivers that a build may have, best first: how its help names each, and the flag that turns it on. */
const RECEIVERS = [
  { inHelp: 'enable-otlp-receiver', flag: '--web.enable-otlp-receiver', hasOtlp: true },
  { inHelp: 'otlp-write-receiver', flag: '--enable-feature=otlp-write-receiver', hasOtlp: true },
  { inHelp: 'enable-remote-write-receiver', flag: '--web.enable-remote-write-receiver', hasOtlp: false },
];

/**
 * Finds a Prometheus: `PROMETHEUS_BIN`, else the one on PATH. A build without an OTLP receiver gets the same samples by
 * remote write.
 * @param {Record<string, string|undefined>} env
 * @returns {import('./program').Program}
 */
function findPrometheus(env) {
  const name = 'Prometheus';
  const bin = env.PROMETHEUS_BIN || 'prometheus';
  const { text, missing } = outputOf(bin, '--help');
  if (missing !== undefined) return { name, missing: `${missing}; set PROMETHEUS_BIN to one of version 3` };
  const receiver = RECEIVERS.find(({ inHelp }) => text.includes(inHelp));
  if (receiver === undefined) return { name, missing: `${bin} receives neither OTLP nor remote write; set PROMETHEUS_BIN to one of version 3` };
  return {
    name,
    bin,
    args: (home, port) => [receiver.flag, `--config.file=${emptyFile(home)}`, `--storage.tsdb.path=${path.join(home, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
    ready: '/-/ready',
    otlp: '/api/v1/otlp',
    resource: { of: 'target_info', service: 'job', instance: 'instance' },
    ...(!receiver.hasOtlp && { bridge: startBridge, remark: `${bin} was built without an OTLP receiver: it gets remote writes, with names that this test translates` }),
  };
}

function emptyFile(home) {
  const file = path.join(home, 'prometheus.yml');
  fs.writeFileSync(file, '');
  return file;
}

module.exports = { findPrometheus };
