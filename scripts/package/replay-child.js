'use strict';
// Runs in a directory with the package installed, on any Node: records the turns of `turns.json` and prints what became of them.

const fs = require('node:fs');
const path = require('node:path');

const otel = require('@ccxray/otel-native');

const FLUSH_MS = 30_000;

async function main(endpoint) {
  const home = path.join(__dirname, 'home');
  fs.mkdirSync(home, { recursive: true });
  const env = { CCXRAY_OTEL_TIER: '2', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, CCXRAY_OTEL_TRUST: '1' };
  const { state, reason } = otel.init({ cwd: home, home, env });
  if (state !== 'active') throw new Error(`the addon did not start: ${state}, ${reason}`);
  for (const { line, parts } of JSON.parse(fs.readFileSync(path.join(__dirname, 'turns.json'), 'utf8'))) otel.record(line, parts);
  const isDelivered = await otel.flush(FLUSH_MS);
  const { processed } = otel.status().entries;
  await otel.shutdown();
  const hasGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime);
  process.stdout.write(JSON.stringify({ node: process.versions.node, platform: `${process.platform}-${process.arch}`, hasGlibc, processed, isDelivered }));
}

void main(process.argv[2]);
