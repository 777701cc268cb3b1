'use strict';

/*
 * Allows projects, one after the other, from a moment on that others may have been given too:
 *
 *     CCXRAY_HOME=DIR node trust.js MOMENT PROJECT…
 *
 * MOMENT is in Unix milliseconds. Prints the files in which it was noted as JSON.
 */

const addon = require('../..');

function main([moment, ...directories]) {
  // Without a timer, which would be late by some milliseconds: the others are to be met at their work.
  while (Date.now() < Number(moment));
  const files = directories.map((directory) => addon.trust(directory).file);
  process.stdout.write(JSON.stringify(files));
}

main(process.argv.slice(2));
