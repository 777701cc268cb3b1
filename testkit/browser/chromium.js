'use strict';

const fs = require('node:fs');

const { chromium } = require('playwright-core');

const USUAL = '/usr/bin/chromium';

/** @returns {string|undefined} the path of Chromium: `CHROMIUM_BIN`, or the one of the system */
function findChromium() {
  const file = process.env.CHROMIUM_BIN ?? USUAL;
  return fs.existsSync(file) ? file : undefined;
}

/**
 * The browser tests need Chromium. Without it they are skipped, unless `CI_REQUIRE_BROWSER=1`.
 * @param {{describe: Function}} jest
 * @returns {Function} `describe`, or its form that skips
 */
function describeWithBrowser({ describe }) {
  if (findChromium() !== undefined) return describe;
  if (process.env.CI_REQUIRE_BROWSER === '1') throw new Error('CI_REQUIRE_BROWSER is 1, but there is no Chromium. Set CHROMIUM_BIN to its path.');
  process.stderr.write('Browser tests are skipped: there is no Chromium. Set CHROMIUM_BIN to its path to run them.\n');
  return describe.skip;
}

/** @returns {Promise<import('playwright-core').Browser>} without a window */
function launchChromium() {
  // The sandbox needs rights that a container does not have.
  return chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'] });
}

module.exports = { describeWithBrowser, findChromium, launchChromium };
