'use strict';

/*
 * Starts the addon with invalid configs, one after the other:
 *
 *     node broken-child.js FILE
 *
 * FILE is JSON: a list of `init` options. Prints all results and errors as JSON.
 */

const fs = require('node:fs');

const addon = require('../..');

function outputsFor(options) {
  const outputs = [];
  const call = (action) => {
    try {
      outputs.push(action());
    } catch (error) {
      outputs.push({ ...error, message: error.message, stack: error.stack });
    }
  };
  call(() => addon.init(options));
  call(() => addon.status());
  call(() => addon.preview());
  addon.shutdownSync(0);
  call(() => addon.trust(options.cwd, { home: options.home, env: options.env }));
  call(() => addon.initConfig({ ...options, project: { team: 'payments' }, yes: true }));
  return outputs;
}

const cases = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
process.stdout.write(JSON.stringify(cases.map(outputsFor)));
