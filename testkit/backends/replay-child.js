'use strict';

/*
 * Replays the default turns for one project:
 *
 *     node replay-child.js DIR
 *
 * The only config is the `.ccxray.json` in DIR. Prints the addon's last status as JSON.
 */

const { defaultTurns } = require('../traffic/turns');
const { replay } = require('../traffic/replay');
const addon = require('../..');

async function run([directory]) {
  addon.init({ cwd: directory, home: directory, env: {}, hostVersion: 'test' });
  await replay(defaultTurns(), addon);
  const delivered = await addon.flush(15_000);
  const status = addon.status();
  await addon.shutdown(2000);
  process.stdout.write(JSON.stringify({ delivered, status }));
}

void run(process.argv.slice(2));
