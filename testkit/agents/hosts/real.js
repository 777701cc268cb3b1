'use strict';

const { copyOf } = require('../../host/checkout');

const name = 'ccxray';

/**
 * Starts a copy of a real checkout of ccxray as a standalone server.
 * @param {string} checkout directory
 * @returns {(options: {upstream: string, endpoint: string}) => Promise<{url: string, stop: () => Promise<object>}>}
 */
function startIn(checkout) {
  return async ({ upstream, endpoint }) => {
    const copy = await copyOf(checkout, upstream);
    const server = await copy.server({ CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    return {
      url: server.url,
      async stop() {
        const { code, signal, stderr } = await server.stop();
        copy.remove();
        return { code, signal, stderr };
      },
    };
  };
}

module.exports = { name, startIn };
