'use strict';

const path = require('node:path');
const vm = require('node:vm');

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
  const loaded = { exports: {} };
  vm.compileFunction(text, ['module', 'exports', 'require'], { filename: entry })(loaded, loaded.exports, require);
  return loaded.exports;
}

module.exports = { pageModule };
