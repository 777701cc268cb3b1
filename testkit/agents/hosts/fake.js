'use strict';

const { launch } = require('../../host/launch');

const name = 'fake host';

/**
 * Starts the fake host of the test library as a standalone server.
 * @param {{upstream: string, endpoint: string, home: string}} options
 * @returns {Promise<{url: string, stop: () => Promise<object>}>}
 */
async function start({ upstream, endpoint, home }) {
  const running = await launch({ upstream, home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  return { url: running.url, stop: running.stop };
}

module.exports = { name, start };
