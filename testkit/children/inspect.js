'use strict';

/*
 * Calls `inspect` or `init` for projects, one after the other:
 *
 *     node inspect.js inspect|init PROJECT…
 *
 * Prints as JSON: the states, the threads of the addon afterwards, how many sockets were opened, and whether a turn was
 * accepted.
 */

const fs = require('node:fs');

const addon = require('../..');
const { turn } = require('../entries/turn');
const { sleep } = require('../waiting');

/** Gives a thread time to start late. */
const LINGER_MS = 100;

async function main([name, ...directories]) {
  const before = sockets();
  const states = directories.map((cwd) => addon[name]({ cwd }).state);
  const isAccepted = directories.some((cwd) => addon.record(turn(), { cwd }));
  // An exporter that runs exports now, over a connection that stays open.
  await addon.flush();
  await sleep(LINGER_MS);
  const threads = read('task', (at) => fs.readFileSync(`${at}/comm`, 'utf8').trim()).filter((thread) => thread.startsWith('ccxray'));
  process.stdout.write(JSON.stringify({ states, isAccepted, threads, sockets: sockets() - before }));
}

/** How many sockets are open. Pipes to the parent are sockets, too. */
function sockets() {
  return read('fd', (at) => fs.readlinkSync(at)).filter((file) => file.startsWith('socket:')).length;
}

/** Reads about each thread or open file of this process. Empty on a system without `/proc`. */
function read(kind, look) {
  const directory = `/proc/self/${kind}`;
  if (!fs.existsSync(directory)) return [];
  return fs.readdirSync(directory).flatMap((id) => {
    try {
      return [look(`${directory}/${id}`)];
    } catch {
      // It no longer exists.
      return [];
    }
  });
}

void main(process.argv.slice(2));
