'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { Totals } = require('./otlp/totals');
const { syntheticDay } = require('../demo/traffic/day');

/** The day of every synthetic day. */
const DAY_OF_TRAFFIC = Date.UTC(2026, 0, 15);

/**
 * Writes turns as ccxray's logs: an index, and for each turn the files of its request and its response.
 * @param {string} directory is made if it is missing
 * @param {{line: string, parts?: {request?: string, response?: string}}[]} turns
 */
function writeLogs(directory, turns) {
  fs.mkdirSync(directory, { recursive: true });
  const lines = turns.map(({ line, parts = {} }) => {
    for (const [part, name] of [['request', 'req'], ['response', 'res']]) {
      if (parts[part] !== undefined) fs.writeFileSync(path.join(directory, `${JSON.parse(line).id}_${name}.json`), parts[part]);
    }
    return `${line}\n`;
  });
  fs.appendFileSync(path.join(directory, 'index.ndjson'), lines.join(''));
}

/**
 * A history with a synthetic day for each of these days. Its headers are not in the logs.
 * @param {string[]} days such as `2026-01-15`
 * @param {number} turns of each day
 * @returns {{line: string, parts: {request?: string, response?: string}}[]}
 */
function historyOf(days, turns) {
  return days.flatMap((day, at) => Array.from(syntheticDay({ turns, seed: at + 1 }), ({ line, parts: { request, response } }, i) => {
    const later = Date.parse(day) - DAY_OF_TRAFFIC;
    const entry = JSON.parse(line);
    // The files of turns with the same id would be left out.
    const moved = { ...entry, id: `${at}-${i}`, receivedAt: entry.receivedAt + later };
    const parts = { ...request && { request }, ...response && { response: response.replaceAll(/"_ts":(\d+)/g, (_, ms) => `"_ts":${Number(ms) + later}`) } };
    return { line: JSON.stringify(moved), parts };
  }));
}

/**
 * @param {Totals} totals
 * @returns {Totals} those that a replay sends: without what is about the exporter itself
 */
function withoutExporter({ counters, histograms, gauges }) {
  return Object.assign(new Totals(), { counters: own(counters), histograms: own(histograms), gauges: own(gauges) });
}

function own(map) {
  return new Map([...map].filter(([metric]) => !metric.startsWith('ccxray.otel.')));
}

module.exports = { historyOf, withoutExporter, writeLogs };
