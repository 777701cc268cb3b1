'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { clearAway } = require('../../demo/clear-away');

/** @returns {string} a new home directory, which is removed when this process ends */
function scratchHome() {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-home-'));
  process.on('exit', () => clearAway(home));
  return home;
}

module.exports = { scratchHome };
