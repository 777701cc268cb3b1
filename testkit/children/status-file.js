'use strict';

/*
 * Starts the addon, prints `started` once its status file exists, and ends in one of two ways:
 *
 *     node status-file.js WAY ENDPOINT HOME
 *
 * With `exit` it shuts down in the exit handler; with `stays` it runs until a signal ends it.
 */

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { turn } = require('../entries/turn');
const { eventually } = require('../waiting');

const WAYS = {
  exit() {
    process.on('exit', () => addon.shutdownSync());
  },

  stays() {
    setInterval(() => {}, 60_000);
  },
};

async function main([way, endpoint, home]) {
  addon.init({ cwd: home, home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  addon.record(turn());
  await addon.flush();
  const file = path.join(home, '.ccxray', 'otel', `status-${process.pid}.json`);
  await eventually(() => fs.existsSync(file), (isThere) => isThere);
  WAYS[way]();
  fs.writeSync(1, 'started');
}

void main(process.argv.slice(2));
