'use strict';

/*
 * Ends in one of many ways while turns are still queued:
 *
 *     node ending.js WAY ENDPOINT HOME
 *
 * Just before its end it prints the counts of the entries and the time, as JSON.
 */

const fs = require('node:fs');
const path = require('node:path');

const { turn } = require('../entries/turn');
const { sleep } = require('../waiting');

const ADDON = path.join(__dirname, '..', '..');
const [way, endpoint, home] = process.argv.slice(2);
/** The worker takes far longer to process a turn with this response than the JS thread takes to record it. */
const RESPONSE = JSON.stringify({ type: 'message', content: Array.from({ length: 500 }, () => ({ type: 'tool_use', name: 'Bash', input: {} })) });

const WAYS = {
  async natural() {
    fillQueue(await started());
  },

  async exit() {
    fillQueue(await started());
    process.exit(7);
  },

  async uncaught() {
    const addon = await started();
    setImmediate(() => {
      fillQueue(addon);
      throw new Error('not caught');
    });
  },

  async rejection() {
    fillQueue(await started());
    void Promise.reject(new Error('not caught'));
  },

  async abort() {
    fillQueue(await started());
    process.abort();
  },

  /** Runs until a signal ends it. */
  async forever() {
    const addon = await started();
    setInterval(() => recordMany(addon), 1);
    fillQueue(addon);
  },

  /** Shuts down in the exit handler, where a host cannot wait for a promise. */
  async exitHandler() {
    const addon = await started();
    process.on('exit', () => addon.shutdownSync());
    fillQueue(addon);
  },

  /** Ends while the addon has nothing left to do. */
  async idle() {
    const addon = await started();
    recordMany(addon);
    if (!(await addon.flush())) throw new Error('it is not idle');
    print(addon.status().entries);
  },

  /** Does the same without the addon. */
  async without() {
    await sleep(FIRST_EXPORT_MS);
    print();
  },
};

/** Resolves to the addon once its first export has begun. */
async function started() {
  const addon = require(ADDON);
  addon.init({ cwd: home, home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  await sleep(FIRST_EXPORT_MS);
  return addon;
}

/** Records until turns are queued. If this process is paused meanwhile, the worker may have processed all of them. */
function fillQueue(addon) {
  let entries;
  do {
    recordMany(addon);
    entries = addon.status().entries;
  } while (entries.queued === 0);
  print(entries);
}

function recordMany(addon) {
  // A slow machine must process them all within the second that a shutdown leaves for that.
  for (let i = 0; i < 100; i += 1) addon.record(turn(), { response: RESPONSE });
}

/** Writes synchronously, since the process may end before an asynchronous write. */
function print(entries) {
  fs.writeSync(1, JSON.stringify({ entries, at: Date.now() }));
}

const FIRST_EXPORT_MS = 100;

void WAYS[way]();
