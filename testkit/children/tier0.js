'use strict';

/*
 * Uses the addon while telemetry is off:
 *
 *     node tier0.js addon|control
 *
 * The control does the same with a stand-in. Prints the open files and the threads before and after, as JSON.
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
  // Half of them name another project, as in a host that serves several.
  const accepted = lines.filter((line, i) => addon.record(line, i % 2 === 0 ? { response: '{}' } : { cwd: process.env.OTHER_PROJECT }));
  const status = addon.status();
  const preview = addon.preview();
  await addon.flush();
  // Gives a thread time to start late, or to export for the first time.
  await sleep(Number(process.env.LINGER_MS ?? 0));
  mark(END);
  const after = resources();
  process.stdout.write(JSON.stringify({ before, after, accepted: accepted.length, status, preview }));
}

/** Leaves a mark among the system calls. */
function mark(name) {
  fs.existsSync(name);
}

/** The names of the threads and of the open files. */
function resources() {
  const threads = list('/proc/self/task', (id) => fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim());
  const files = list('/proc/self/fd', (fd) => fs.readlinkSync(`/proc/self/fd/${fd}`));
  return { threads, files: files.filter((file) => !file.startsWith('/proc/')) };
}

/** Reads each entry of a directory, except those that no longer exist. */
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
