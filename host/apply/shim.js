'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** Path of the file in the host that loads this package. */
const SHIM = 'server/otel.js';

/**
 * @param {string} newline of the host's files
 * @returns {string} the text of that file
 */
function shimText(newline) {
  return fs.readFileSync(path.join(__dirname, 'otel.js'), 'utf8').replaceAll(/\r?\n/g, newline);
}

module.exports = { SHIM, shimText };
