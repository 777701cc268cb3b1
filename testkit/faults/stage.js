'use strict';

const { startFaultyCollector } = require('./collector');
const { launchHost, switchedOn } = require('./host');

/** Requests that tell what a call of `record` takes while the collector is well. */
const CALLS = 200;

/**
 * What the trials of one test file need. To be called at its top: after each test its hosts and collectors are cleared
 * away; a host without the addon runs beside them all the time.
 */
function stage() {
  jest.setTimeout(30_000);
  const cleanups = [];
  const clear = async () => {
    while (cleanups.length > 0) await cleanups.pop()();
  };
  const beside = {};

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
    beside.off = await launchHost({ addon: null });
    const well = await collector();
    const on = await host({ env: switchedOn(well.endpoint) });
    for (let i = 0; i < CALLS; i += 1) await on.request();
    beside.wellCost = await on.ask('cost');
    await clear();
  });
  afterEach(clear);
  afterAll(() => beside.off?.clear());

  return { collector, host, cleanup: (work) => cleanups.push(work), beside };
}

module.exports = { stage };
