'use strict';

/*
 * Launches the addon twice in one process, with the directory and the environment of the process:
 *
 *     node child.js PLAN
 *
 * PLAN is JSON: `{seed, streams, places, consent, flushMs, shutdownMs}`. Prints all that the addon returned, as JSON.
 */

const addon = require('../..');
const { replay } = require('../../demo/traffic/replay');
const { plantedTurns } = require('./turns');
const { eventually } = require('../waiting');

/** What the user does before the launches. */
const CONSENTS = {
  given: () => [addon.trust()],
  withheld: () => [],
  revoked: () => [addon.trust(), addon.untrust()],
};

async function main({ seed, streams, places, consent, flushMs, shutdownMs }) {
  const answers = CONSENTS[consent]();
  const launches = [];
  for (const [i, source] of ['captured', 'synthetic'].entries()) {
    const { records } = plantedTurns({ seed, stream: streams[i], source, places });
    launches.push(await launched(records, places, { flushMs: flushMs[i], shutdownMs }));
  }
  process.stdout.write(JSON.stringify({ answers, launches }));
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
