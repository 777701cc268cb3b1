'use strict';

/*
 * Ends in one of many ways while turns wait that nobody has counted yet:
 *
 *     node ending.js WAY ENDPOINT HOME
 *
 * When the end begins it prints, as JSON, what became of the turns so far and what time it is.
 */

const fs = require('node:fs');
const path = require('node:path');

const { turn } = require('../entries/turn');
const { sleep } = require('../waiting');

const ADDON = path.join(__dirname, '..', '..');
const [way, endpoint, home] = process.argv.slice(2);
/** To count a turn with it takes far longer than to hand it over. */
const RESPONSE = JSON.stringify({ type: 'message', content: Array.from({ length: 500 }, () => ({ type: 'tool_use', name: 'Bash', input: {} })) });

const WAYS = {
  async natural() {
    leave(await started());
  },

  async exit() {
    leave(await started());
    process.exit(7);
  },

  async uncaught() {
    const addon = await started();
    setImmediate(() => {
      leave(addon);
      throw new Error('nobody catches this');
    });
  },

  async rejection() {
    leave(await started());
    void Promise.reject(new Error('nobody catches this'));
  },

  async abort() {
    leave(await started());
    process.abort();
  },

  /** Until a signal ends it. */
  async forever() {
    const addon = await started();
    setInterval(() => fill(addon), 1);
    leave(addon);
  },

  /** The last chance of a host that cannot wait. */
  async exitHandler() {
    const addon = await started();
    process.on('exit', () => addon.shutdownSync());
    leave(addon);
  },

  /** With a telemetry that has nothing left to do. */
  async idle() {
    const addon = await started();
    fill(addon);
    if (!(await addon.flush())) throw new Error('it is not idle');
    tell(addon.status().entries);
  },

  /** Without any telemetry, and else the same. */
  async without() {
    await sleep(FIRST_EXPORT_MS);
    tell();
  },
};

/** The addon, when its first export has begun. */
async function started() {
  const addon = require(ADDON);
  addon.init({ cwd: home, home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  await sleep(FIRST_EXPORT_MS);
  return addon;
}

/** Sees to it that turns wait: who is held up while it hands them over may find them counted already. */
function leave(addon) {
  let entries;
  do {
    fill(addon);
    entries = addon.status().entries;
  } while (entries.queued === 0);
  tell(entries);
}

function fill(addon) {
  for (let i = 0; i < 300; i += 1) addon.record(turn(), { response: RESPONSE });
}

/** Written at once: what waits to be written may never be. */
function tell(entries) {
  fs.writeSync(1, JSON.stringify({ entries, at: Date.now() }));
}

const FIRST_EXPORT_MS = 100;

void WAYS[way]();
