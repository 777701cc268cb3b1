'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { CommandError, EXIT } = require('../../cli/errors');

const BUILT = path.join(__dirname, '..', 'built');
const DIRECTORY = path.join(BUILT, 'page');
const CODEC = path.join(BUILT, 'otlp.js');

/** The files of the page, by their path below its address. */
const FILES = {
  '': ['index.html', 'text/html; charset=utf-8'],
  'app.js': ['app.js', 'text/javascript; charset=utf-8'],
  'app.css': ['app.css', 'text/css; charset=utf-8'],
};

/**
 * Reads the page into memory.
 * @returns {Map<string, {body: Buffer, type: string}>}
 * @throws {CommandError} if it was not built
 */
function readAssets(directory = DIRECTORY) {
  return new Map(Object.entries(FILES).map(([name, [file, type]]) => [name, { body: read(path.join(directory, file)), type }]));
}

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw notBuilt(file, 'the page');
  }
}

/**
 * Loads the decoder of OTLP requests.
 * @returns {object} see `demo/otlp/codec.js`
 * @throws {CommandError} if it was not built
 */
function loadCodec(file = CODEC) {
  if (!fs.existsSync(file)) throw notBuilt(file, 'the decoder of OTLP requests');
  return require(file);
}

function notBuilt(file, what) {
  return new CommandError(EXIT.OFF, `${file} is missing: ${what} was not built.`, 'Run: npm run build:demo');
}

module.exports = { loadCodec, readAssets };
