'use strict';

/*
 * Records a turn with parts whose getter calls the addon again:
 *
 *     node reentrant.js FUNCTION
 *
 * Prints the type of the value that `record` returns.
 */

const addon = require('../..');
const { scratchHome } = require('../scratch/home');
const { turn } = require('../entries/turn');

const options = { cwd: __dirname, home: scratchHome(), env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } };
const CALLS = {
  init: () => addon.init(options),
  record: () => addon.record(turn()),
  status: () => addon.status(),
  preview: () => addon.preview(),
  flush: () => addon.flush(1),
  shutdownSync: () => addon.shutdownSync(1),
};

const [name] = process.argv.slice(2);
addon.init(options);
const returned = addon.record(turn(), {
  get response() {
    CALLS[name]();
    return '{}';
  },
});
process.stdout.write(`returned ${typeof returned}`);
