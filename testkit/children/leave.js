'use strict';

/*
 * Records 50 turns, flushes once, and ends in one of three ways. Prints the exports of the last status as JSON.
 * Arguments: the way, the endpoint and the home directory.
 */

const fs = require('node:fs');

const addon = require('../..');
const { turn } = require('../entries/turn');

const [way, endpoint, home] = process.argv.slice(2);

const print = () => fs.writeSync(1, `${JSON.stringify(addon.status().exports)}\n`);

const WAYS = {
  async shutdown() {
    await addon.shutdown();
    print();
  },
  shutdownSync() {
    addon.shutdownSync();
    print();
  },
  // The addon's own hook ends the telemetry.
  exit: print,
};

async function main() {
  addon.init({ cwd: home, home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  for (let turns = 0; turns < 50; turns += 1) addon.record(turn());
  await addon.flush(500);
  fs.writeSync(1, `${Date.now()}\n`);
  await WAYS[way]();
}

void main();
