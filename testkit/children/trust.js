'use strict';

/*
 * Approves projects, one after the other. Several such processes can start at the same time:
 *
 *     CCXRAY_HOME=DIR node trust.js START PROJECT…
 *
 * START is in Unix milliseconds. Prints the files that hold the approvals, as JSON.
 */

const addon = require('../..');

function main([start, ...directories]) {
  // A timer would be late by some milliseconds, and the processes would not write at the same time.
  while (Date.now() < Number(start));
  const files = directories.map((directory) => addon.trust(directory).file);
  process.stdout.write(JSON.stringify(files));
}

main(process.argv.slice(2));
