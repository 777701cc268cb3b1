'use strict';

/*
 * Loads a package and prints as JSON the names of its exports, or the code of the error and the messages of the error and
 * its causes, outermost first:
 *
 *     node loader.js DIRECTORY [CODE]
 *
 * The code runs first.
 */

const path = require('node:path');

function load(directory) {
  try {
    return { exports: Object.keys(require(path.join(directory, 'index.js'))) };
  } catch (error) {
    return { code: error.code, messages: messagesOf(error) };
  }
}

function messagesOf(error) {
  return error ? [error.message, ...messagesOf(error.cause)] : [];
}

const [, , directory, before = ''] = process.argv;
// eslint-disable-next-line no-new-func
new Function(before)();
process.stdout.write(JSON.stringify(load(directory)));
