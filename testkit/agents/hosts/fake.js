'use strict';

const { launch } = require('../../host/launch');

const name = 'the fake host';

/**
 * Starts the fake host of the test library as a standalone server.
 * @param {string} [addon] module that the host uses. Default: this package
 * @returns {(options: {upstream: string, endpoint: string, home: string}) => Promise<{url: string, stop: () => Promise<object>}>}
 */
function startWith(addon) {
  return async ({ upstream, endpoint, home }) => {
    const running = await launch({ upstream, home, addon, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
    return { url: running.url, stop: running.stop };
  };
}

module.exports = { name, startWith };
