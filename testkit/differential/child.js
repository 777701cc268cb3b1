'use strict';

/*
 * Receives `{endpoint, records}` from its parent, launches the addon at tier 1, records them all, and answers
 * `{delivered, entries}` once everything has been sent. Ends when the parent disconnects.
 */

const path = require('node:path');

const addon = require('../..');
const { replay } = require('../../demo/traffic/replay');
const { scratchHome } = require('../scratch/home');

const home = scratchHome();

/** Every third line is passed as bytes. */
function asGiven({ line, parts }, index) {
  return { line: index % 3 === 2 ? Buffer.from(line) : line, parts };
}

async function launch({ endpoint, records }) {
  const env = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, CCXRAY_HOME: path.join(home, '.ccxray') };
  const { state, reason } = addon.init({ cwd: home, home, env, hostVersion: 'test' });
  if (state !== 'active') return { delivered: false, problem: `${state}, ${reason}` };
  await replay(records.map(asGiven), addon);
  const delivered = await addon.flush(15_000);
  const { entries } = addon.status();
  await addon.shutdown(2000);
  return { delivered, entries };
}

process.on('message', (message) => {
  launch(message).then((answer) => process.send(answer), (error) => process.send({ delivered: false, problem: error.stack }));
});
