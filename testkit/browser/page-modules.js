'use strict';

const Module = require('node:module');
const path = require('node:path');

const esbuild = require('esbuild');

const PAGE = path.join(__dirname, '..', '..', 'demo', 'page');

/**
 * Loads a module of the page, which is written for a browser, into Node.
 * @param {string} file below `demo/page`
 * @returns {object} its exports
 */
function pageModule(file) {
  const entry = path.join(PAGE, file);
  const { outputFiles: [{ text }] } = esbuild.buildSync({ entryPoints: [entry], bundle: true, write: false, format: 'cjs', platform: 'node', target: 'node18' });
  const loaded = new Module(entry, module);
  loaded.filename = entry;
  loaded.paths = module.paths;
  loaded._compile(text, entry);
  return loaded.exports;
}

module.exports = { pageModule };
