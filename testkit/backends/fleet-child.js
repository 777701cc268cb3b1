'use strict';

/*
 * A short-lived process of a project:
 *
 *     node fleet-child.js DIR TURNS FIRST END
 *
 * Records TURNS turns whose numbers follow from their number, the first of which is FIRST, with a pause after each. Ends
 * as a host does: the exit handler ends the addon. END is `itself`, or `signal`: then it ends at SIGTERM only, perhaps before
 * its last turn. Then prints how many turns were recorded, whether all were delivered, and whether a signal ended it.
 */

const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');

const addon = require('../..');
const { turnOf } = require('./fleet-turns');

const PAUSE_MS = 20;
/** Nothing waits for ever for a signal that does not come. */
const MAX_WAIT_MS = 60_000;

async function run([directory, count, first, end]) {
  let recorded = 0;
  let signalled = false;
  process.on('SIGTERM', () => {
    signalled = true;
    process.exit(0);
  });
  process.on('exit', () => {
    const delivered = addon.shutdownSync(2000);
    fs.writeSync(1, JSON.stringify({ recorded, delivered, signalled }));
  });
  addon.init({ cwd: directory, home: directory, env: {}, hostVersion: 'test' });
  while (recorded < Number(count)) {
    if (!addon.record(turnOf(Number(first) + recorded).line)) throw new Error('an entry was rejected');
    recorded += 1;
    await sleep(PAUSE_MS);
  }
  if (end === 'signal') {
    await sleep(MAX_WAIT_MS);
    throw new Error('no signal came');
  }
  process.exit(0);
}

void run(process.argv.slice(2));
