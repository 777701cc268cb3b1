'use strict';

/*
 * Replays the default turns of the main job to one endpoint, in a process of its own:
 *
 *     node replay-child.js ENDPOINT HOME
 *
 * Prints the addon's last status as JSON.
 */

const { defaultTurns } = require('../../demo/turns');
const { replay } = require('../../demo/replay');
const addon = require('../..');

async function run([endpoint, home]) {
  const env = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '1000' };
  addon.init({ cwd: home, home, env, hostVersion: 'test' });
  await replay(defaultTurns(), addon);
  const delivered = await addon.flush(15_000);
  const status = addon.status();
  await addon.shutdown(2000);
  process.stdout.write(JSON.stringify({ delivered, status }));
}

void run(process.argv.slice(2));
