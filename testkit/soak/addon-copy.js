'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const PACKAGE = path.resolve(__dirname, '../..');
const FILES = /^(index\.js|native\.js|package\.json|.*\.node)$/;

/**
 * A copy of this package as it is now. Whoever builds it again meanwhile must not change it under processes that run.
 * @returns {{path: string, clear: () => void}}
 */
function copyOfAddon() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-soak-addon-'));
  for (const name of fs.readdirSync(PACKAGE).filter((file) => FILES.test(file))) fs.copyFileSync(path.join(PACKAGE, name), path.join(directory, name));
  return { path: directory, clear: () => fs.rmSync(directory, { recursive: true, force: true }) };
}

module.exports = { copyOfAddon };
