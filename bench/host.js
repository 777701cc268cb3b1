'use strict';

// The cost of the host module's sites on the JS thread, for a turn with a request of 0.7 MB and a response of 60 KB: beside the
// same work by hand, and for a hub.

const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const files = require('../host/client-files');
const { excerpt } = require('../host/excerpt');
const { Host } = require('../host/host');
const { describe } = require('../host/variables');
const { interleave } = require('../testkit/timing');
const { clearAway } = require('../demo/clear-away');
const payloads = require('../demo/traffic/payloads');
const addonOf = require('./addon');
const { serve } = require('./child');
const { claude, claudeHistory } = require('./requests');
const sinkOf = require('./sink');

const CALLS = 32;
/** The messages of a request of 0.7 MB. */
const MESSAGES = 290;
/** No export happens while calls are timed. */
const INTERVAL_MS = 3_600_000;

/**
 * @param {{rounds: number, addon?: string}} options batches per row; the module to measure. Default: this package
 * @returns {Promise<{rows: Record<string, object>}>} times in microseconds per call
 */
async function run({ rounds, addon: path }) {
  const sink = await sinkOf.start();
  const addon = addonOf.start({ endpoint: sink.base, intervalMs: INTERVAL_MS, path });
  const home = mkdtempSync(join(tmpdir(), 'ccxray-bench-host-'));
  process.env.CCXRAY_HOME = home;
  try {
    files.write(files.directoryOf(process.env), process.pid, { cwd: home, tier: 1, ...describe(process.env) });
    return { rows: await interleave(armsOf(addon), { rounds }) };
  } finally {
    await addon.close();
    await sink.close();
    clearAway(home);
  }
}

function armsOf({ api, drained }) {
  const [server, hub] = [false, true].map((isHub) => started(api, isHub));
  const request = claude(claudeHistory(MESSAGES));
  const [{ line, response }] = payloads.turns(1, 'ascii');
  const value = JSON.parse(response);
  const headers = { 'request-id': 'req_1', 'anthropic-ratelimit-requests-limit': '50' };
  const clientReq = { headers: { 'x-claude-code-session-id': 's' }, ccxrayClientPid: process.pid };
  const byModule = (given) => () => {
    const context = {};
    server.arrived(clientReq, context);
    server.turn(context, line, { merged: false, request, response: given, headers });
  };
  const byHand = () => api.record(line, { request: excerpt(request), response, headers, requestHeaders: clientReq.headers });
  return [
    { name: 'byHand', calls: CALLS, call: byHand, settle: drained },
    { name: 'text', calls: CALLS, call: byModule(response), settle: drained },
    { name: 'value', calls: CALLS, call: byModule(value), settle: drained },
    { name: 'arrived', calls: CALLS, call: () => hub.arrived(clientReq, {}) },
  ];
}

/** The host module on an addon that runs already. */
function started(api, hub) {
  const host = new Host(() => ({ ...api, init: () => ({ tier: 1 }) }));
  host.init({ hub, cwd: __dirname });
  return host;
}

serve(run);
