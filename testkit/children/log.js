'use strict';

/*
 * Exports many times, and writes into a log that other processes may write to:
 *
 *     node log.js ENDPOINT HOME EXPORTS
 *
 * Prints the last status and how many exports were delivered, as JSON.
 */

const addon = require('../..');
const { turn } = require('../entries/turn');

async function main([endpoint, home, exports]) {
  addon.init({ cwd: home, home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  let delivered = 0;
  for (let i = 0; i < Number(exports); i += 1) {
    addon.record(turn());
    if (await addon.flush(5000)) delivered += 1;
  }
  await addon.shutdown();
  process.stdout.write(JSON.stringify({ pid: process.pid, delivered, status: addon.status() }));
}

void main(process.argv.slice(2));
