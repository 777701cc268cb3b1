'use strict';

/* Loads the addon in a worker thread and records until it is terminated. */

const { workerData } = require('node:worker_threads');

const { turn } = require('../entries/turn');
const { sleep } = require('../waiting');

const { addon: file, options, counts } = workerData;
const addon = require(file);
const PAUSE_MS = 10;

async function run() {
  addon.init(options);
  for (;;) {
    Atomics.add(counts, 0, 1);
    if (addon.record(turn())) Atomics.add(counts, 1, 1);
    await sleep(PAUSE_MS);
  }
}

void run();
