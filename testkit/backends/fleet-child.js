'use strict';

/*
 * A short-lived process of a project:
 *
 *     node fleet-child.js DIR TURNS FIRST
 *
 * Records TURNS turns whose numbers follow from their number, the first of which is FIRST, with a pause after each. Ends
 * by itself or at SIGTERM, as a host does: the exit handler ends the addon. Then prints how many turns were
 * recorded, whether all were delivered, and whether a signal ended it.
 */

const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');

const addon = require('../..');
const { turnOf } = require('./fleet-turns');

const PAUSE_MS = 20;

async function run([directory, count, first]) {
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
  process.exit(0);
}

void run(process.argv.slice(2));
