'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const PACKAGE = path.resolve(__dirname, '../..');
/** All scripts at the top, because the entry may need any of them. */
const FILES = /^(.*\.js|package\.json|.*\.node)$/;

/**
 * Copies this package, so that a new build does not change it while processes use it.
 * @returns {{path: string, clear: () => void}}
 */
function copyOfAddon() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-soak-addon-'));
  for (const name of fs.readdirSync(PACKAGE).filter((file) => FILES.test(file))) fs.copyFileSync(path.join(PACKAGE, name), path.join(directory, name));
  return { path: directory, clear: () => fs.rmSync(directory, { recursive: true, force: true }) };
}

module.exports = { copyOfAddon };
