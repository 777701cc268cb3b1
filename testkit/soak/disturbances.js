'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { sleep } = require('../waiting');

const STOPPED_MS = 1000;
const NO_DISK_MS = 4000;
const MOST_TRIES = 20;

/** What can happen to running hosts. Each function is given all hosts, and resolves when the disturbance is over. */
const DISTURB = {
  /** Pauses all hosts together, so that the latency of all suffers alike. */
  async stop(hosts) {
    for (const host of hosts) host.signal('SIGSTOP');
    await sleep(STOPPED_MS);
    for (const host of hosts) host.signal('SIGCONT');
  },

  /** Makes the log unwritable for a while. */
  async disk(hosts) {
    const withAddon = hosts.filter(({ hasAddon }) => hasAddon);
    for (const { files } of withAddon) obstruct(path.join(files, LOG));
    await sleep(NO_DISK_MS);
    for (const { files } of withAddon) restore(path.join(files, LOG));
  },

  async worker(hosts) {
    await Promise.all(hosts.map((host) => host.send('worker')));
  },

  async questions(hosts) {
    await Promise.all(hosts.map((host) => host.send('questions')));
  },
};

const LOG = 'otel.log';

/** Puts a directory in the place of a file. The addon may create the file again in between. */
function obstruct(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  if (fs.existsSync(file)) fs.renameSync(file, `${file}.aside`);
  for (let tries = 1; ; tries += 1) {
    try {
      return fs.mkdirSync(file);
    } catch (error) {
      if (error.code !== 'EEXIST' || tries === MOST_TRIES) throw error;
      fs.rmSync(file, { recursive: true, force: true });
    }
  }
}

function restore(file) {
  fs.rmSync(file, { recursive: true, force: true });
  if (fs.existsSync(`${file}.aside`)) fs.renameSync(`${file}.aside`, file);
}

module.exports = { DISTURB };
