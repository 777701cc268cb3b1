'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ask } = require('./program');
const { startBridge } = require('./remote-write');

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
 * @returns {import('./program').Program}
 */
function findPrometheus(env) {
  const name = 'Prometheus';
  const bin = env.PROMETHEUS_BIN || 'prometheus';
  const { text, missing } = ask(bin, '--help');
  if (missing !== undefined) return { name, missing: `${missing}; set PROMETHEUS_BIN to one of version 3` };
  const way = WAYS_IN.find(({ word }) => text.includes(word));
  if (way === undefined) return { name, missing: `${bin} takes neither OTLP nor remote write; set PROMETHEUS_BIN to one of version 3` };
  return {
    name,
    bin,
    args: (home, port) => [way.flag, `--config.file=${emptyFile(home)}`, `--storage.tsdb.path=${path.join(home, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
    ready: '/-/ready',
    otlp: '/api/v1/otlp',
    resource: { of: 'target_info', service: 'job', instance: 'instance' },
    ...(!way.hasOtlp && { bridge: startBridge, remark: `${bin} was built without an OTLP receiver: it is written to by remote write, with names of our own making` }),
  };
}

function emptyFile(home) {
  const file = path.join(home, 'prometheus.yml');
  fs.writeFileSync(file, '');
  return file;
}

module.exports = { findPrometheus };
