'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { syntheticDay } = require('./day');

const CAPTURED = path.join(__dirname, '..', 'fixtures', 'captured-entries.ndjson');

/**
 * Whole entries that a real proxy built from recorded traffic, one for each scenario.
 * @returns {{line: string, parts: {}}[]}
 */
function capturedTurns() {
  const rows = fs.readFileSync(CAPTURED, 'utf8').split('\n').filter((row) => row !== '');
  return rows.map((row) => ({ line: JSON.stringify(JSON.parse(row).entry), parts: {} }));
}

/**
 * The turns that are replayed by default: the captured entries, then a synthetic day.
 * @param {{turns?: number, seed?: number}} [options] see `syntheticDay`
 * @yields {{line: string, parts: object}}
 */
function* defaultTurns(options) {
  yield* capturedTurns();
  yield* syntheticDay(options);
}

module.exports = { capturedTurns, defaultTurns };
