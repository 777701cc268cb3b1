'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** @returns {string} a home directory for this process, which is gone when it ends */
function scratchHome() {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-home-'));
  // The telemetry may still write there while it is taken away.
  process.on('exit', () => fs.rmSync(home, { recursive: true, force: true, maxRetries: 10 }));
  return home;
}

module.exports = { scratchHome };
