'use strict';

/*
 * Records one turn, exports it, and prints the status as JSON:
 *
 *     SSL_CERT_FILE=FILE node tls.js ENDPOINT
 */

const addon = require('../..');
const { scratchHome } = require('../scratch/home');

async function main() {
  const env = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: process.argv[2] };
  addon.init({ cwd: __dirname, home: scratchHome(), env });
  addon.record('{"provider":"anthropic","msgCount":1}');
  const delivered = await addon.flush(3000);
  process.stdout.write(JSON.stringify({ delivered, exports: addon.status().exports }));
  await addon.shutdown(1);
}

main();
