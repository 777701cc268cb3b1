'use strict';

// A process that serves several projects: it records a turn of each and prints what becomes of them.

const addon = require('../..');
const { turn } = require('../entries/turn');

const directories = JSON.parse(process.env.DIRECTORIES);
addon.init({ cwd: process.env.HOME, home: process.env.HOME, env: {} });
for (const cwd of directories) addon.record(turn(), { cwd });

const started = Date.now();
/** Waits until the configs were read. */
function report() {
  if (addon.status().entries.queued > 0 && Date.now() - started < 5000) return setTimeout(report, 10);
  process.stdout.write(JSON.stringify(directories.map((cwd) => ({ state: addon.status(cwd).state }))));
  return addon.shutdown();
}
setTimeout(report, 200);
