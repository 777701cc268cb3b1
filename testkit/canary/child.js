'use strict';

/*
 * Two launches of the telemetry in one process, in the directory and with the environment that the process was given:
 *
 *     node child.js PLAN
 *
 * PLAN is JSON: `{seed, streams, places, consent, flushMs, shutdownMs}`. Prints what could be seen from within as JSON.
 */

const addon = require('../..');
const { replay } = require('../traffic/replay');
const { plantedTurns } = require('./turns');
const { eventually } = require('../waiting');

/** What the engineer says before the launches. */
const CONSENTS = {
  given: () => [addon.trust()],
  withheld: () => [],
  'taken back': () => [addon.trust(), addon.untrust()],
};

async function main({ seed, streams, places, consent, flushMs, shutdownMs }) {
  const said = CONSENTS[consent]();
  const launches = [];
  for (const [i, source] of ['captured', 'synthetic'].entries()) {
    const { records } = plantedTurns({ seed, stream: streams[i], source, places });
    launches.push(await launched(records, places, { flushMs: flushMs[i], shutdownMs }));
  }
  process.stdout.write(JSON.stringify({ said, launches }));
}

async function launched(records, places, { flushMs, shutdownMs }) {
  const statuses = [addon.init({ hostVersion: '2.3.1' })];
  const { rejected } = await replay(records, addon);
  await eventually(() => addon.status().entries, ({ queued }) => queued === 0);
  const { entries } = addon.status();
  const previews = { own: addon.preview(), other: addon.preview(places.other), stranger: addon.preview(places.stranger) };
  const delivered = await addon.flush(flushMs);
  const reports = { plain: addon.report(), samples: addon.report({ samples: true }) };
  statuses.push(addon.status(), addon.status(places.other), addon.status(places.stranger));
  await addon.shutdown(shutdownMs);
  statuses.push(addon.status());
  return { rejected, entries, statuses, previews, reports, delivered };
}

void main(JSON.parse(process.argv[2]));
