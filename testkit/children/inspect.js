'use strict';

/*
 * Looks at projects, one after the other:
 *
 *     node inspect.js inspect|init PROJECT…
 *
 * Prints the states that were seen, the threads of this package there are afterwards, how many sockets there are more than
 * before, and whether a turn was taken in, as JSON.
 */

const fs = require('node:fs');

const addon = require('../..');
const { turn } = require('../entries/turn');
const { sleep } = require('../waiting');

/** Time enough for a thread to start late. */
const LINGER_MS = 100;

async function main([name, ...directories]) {
  const before = sockets();
  const states = directories.map((cwd) => addon[name]({ cwd }).state);
  const isTaken = directories.some((cwd) => addon.record(turn(), { cwd }));
  // What runs exports now, over a connection that is kept.
  await addon.flush();
  await sleep(LINGER_MS);
  const threads = read('task', (at) => fs.readFileSync(`${at}/comm`, 'utf8').trim()).filter((thread) => thread.startsWith('ccxray'));
  process.stdout.write(JSON.stringify({ states, isTaken, threads, sockets: sockets() - before }));
}

/** How many sockets are open; pipes to the parent are some. */
function sockets() {
  return read('fd', (at) => fs.readlinkSync(at)).filter((file) => file.startsWith('socket:')).length;
}

/** What is known of each thread or open file of this process; nothing where the system does not tell. */
function read(kind, look) {
  const directory = `/proc/self/${kind}`;
  if (!fs.existsSync(directory)) return [];
  return fs.readdirSync(directory).flatMap((id) => {
    try {
      return [look(`${directory}/${id}`)];
    } catch {
      // It is gone meanwhile.
      return [];
    }
  });
}

void main(process.argv.slice(2));
