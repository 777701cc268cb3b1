'use strict';

const { startFaultyCollector } = require('./collector');
const { launchHost, switchedOn } = require('./host');

/** How many requests measure the cost of `record` while the collector is healthy. */
const CALLS = 200;

/**
 * Hosts and collectors for the trials of one test file. Call it at the top of the file: it removes them after each test.
 * One host without the addon runs all the time, for comparison.
 */
function faultLab() {
  jest.setTimeout(30_000);
  const cleanups = [];
  const clear = async () => {
    while (cleanups.length > 0) await cleanups.pop()();
  };
  const baseline = {};

  /** See `startFaultyCollector`. */
  async function collector(options) {
    const started = await startFaultyCollector(options);
    cleanups.push(() => started.close());
    return started;
  }

  /** See `launchHost`. */
  async function host(options) {
    const launched = await launchHost(options);
    cleanups.push(() => launched.clear());
    return launched;
  }

  beforeAll(async () => {
    baseline.off = await launchHost({ addon: null });
    const healthy = await collector();
    const on = await host({ env: switchedOn(healthy.endpoint) });
    for (let i = 0; i < CALLS; i += 1) await on.request();
    baseline.cost = await on.send('cost');
    await clear();
  });
  afterEach(clear);
  afterAll(() => baseline.off?.clear());

  return { collector, host, cleanup: (work) => cleanups.push(work), baseline };
}

module.exports = { faultLab };
