'use strict';

/*
 * Replays turns for one project:
 *
 *     node replay-child.js DIR [TURNS [FLUSHES [ENVIRONMENT]]]
 *
 * The only config is the `.ccxray.json` in DIR, and the environment in JSON, empty by default. Exports FLUSHES times, after equal parts of the turns. Prints what the
 * flushes returned and the addon's last status as JSON.
 */

const { defaultTurns } = require('../fixtures/default-turns');
const { replay } = require('../../demo/traffic/replay');
const addon = require('../..');

async function run([directory, count, flushes = '1', env = '{}']) {
  addon.init({ cwd: directory, home: directory, env: JSON.parse(env), hostVersion: 'test' });
  const turns = [...defaultTurns(count === undefined ? {} : { turns: Number(count) })];
  const size = Math.ceil(turns.length / Number(flushes));
  const delivered = [];
  for (let from = 0; from < turns.length; from += size) {
    await replay(turns.slice(from, from + size), addon);
    delivered.push(await addon.flush(15_000));
  }
  const status = addon.status();
  await addon.shutdown(2000);
  process.stdout.write(JSON.stringify({ delivered, status }));
}

void run(process.argv.slice(2));
