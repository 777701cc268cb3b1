'use strict';

/*
 * What the telemetry does while it is off, seen from within its process, in the directory and with the environment
 * that the process was given:
 *
 *     node tier0.js addon|control
 *
 * The control does the same with a stand-in. Prints what is open and running before and after as JSON.
 */

const fs = require('node:fs');

const { turn } = require('../entries/turn');
const { BEGIN, END } = require('../process/strace');
const { sleep } = require('../waiting');

const STAND_IN = { init: () => ({}), record: () => false, status: () => ({}), preview: () => '', flush: async () => true };
const TURNS = 1000;

async function main([subject]) {
  const addon = subject === 'control' ? STAND_IN : require('../..');
  const lines = Array.from({ length: TURNS }, () => turn());
  const before = resources();
  mark(BEGIN);
  addon.init();
  // Some name the project that they belong to, as a host that serves several does.
  const taken = lines.filter((line, i) => addon.record(line, i % 2 === 0 ? { response: '{}' } : { cwd: process.env.OTHER_PROJECT }));
  const status = addon.status();
  const preview = addon.preview();
  await addon.flush();
  // Time enough for a thread to start late, or for a first export.
  await sleep(Number(process.env.LINGER_MS ?? 0));
  mark(END);
  const after = resources();
  process.stdout.write(JSON.stringify({ before, after, taken: taken.length, status, preview }));
}

/** Leaves a trace among the system calls. */
function mark(name) {
  fs.existsSync(name);
}

/** Names of the threads, and what the open files are. */
function resources() {
  const threads = list('/proc/self/task', (id) => fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim());
  const files = list('/proc/self/fd', (fd) => fs.readlinkSync(`/proc/self/fd/${fd}`));
  return { threads, files: files.filter((file) => !file.startsWith('/proc/')) };
}

/** What can be read of the entries of a directory; one may be gone meanwhile. */
function list(directory, read) {
  const found = fs.readdirSync(directory).flatMap((name) => {
    try {
      return [read(name)];
    } catch {
      return [];
    }
  });
  found.sort();
  return found;
}

void main(process.argv.slice(2));
