'use strict';

/*
 * Starts the telemetry with configs that cannot be used, one after the other:
 *
 *     node broken-child.js FILE
 *
 * FILE is JSON: a list of `init` options. Prints what was thrown and told as JSON.
 */

const fs = require('node:fs');

const addon = require('../..');

function told(options) {
  const words = [];
  const hear = (action) => {
    try {
      words.push(action());
    } catch (error) {
      words.push({ ...error, message: error.message, stack: error.stack });
    }
  };
  hear(() => addon.init(options));
  hear(() => addon.status());
  hear(() => addon.preview());
  addon.shutdownSync(0);
  hear(() => addon.trust(options.cwd, { home: options.home, env: options.env }));
  hear(() => addon.initConfig({ ...options, project: { team: 'payments' }, yes: true }));
  return words;
}

const cases = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
process.stdout.write(JSON.stringify(cases.map(told)));
