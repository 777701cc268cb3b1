'use strict';

const { groundTruth } = require('../reference');
const { differences } = require('../otlp/totals');
const { smallest } = require('./shrink');

/** So many differences are looked into, and so much of a text is shown. */
const EXAMPLES = 3;
const SHOWN = 3000;

/**
 * Where addon and ground truth differ, each with the smallest set of entries of which it is so.
 * @param {{line: string, parts: object, session: number}[]} records
 * @param {{totals: (records: object[]) => Promise<import('../otlp/totals').Totals>}} addon
 * @param {(records: object[]) => import('../otlp/totals').Totals} [truth]
 * @returns {Promise<string>} for people; empty when there is no difference
 */
async function reportOf(records, addon, truth = groundTruth) {
  const differ = async (part) => differences(truth(part), await addon.totals(part));
  const found = await differ(records);
  const rows = found.map(shown);
  for (const { metric, attributes } of examplesOf(found)) {
    const isHere = (one) => one.metric === metric && one.attributes === attributes;
    const part = await smallest(records, async (candidate) => (await differ(candidate)).some(isHere));
    const title = `smallest case of ${metric} ${attributes}: ${part.length} of ${records.length} entries`;
    rows.push('', title, ...(await differ(part)).map(shown), ...part.map(entryText));
  }
  return rows.join('\n');
}

/** One label set of each metric, sentinels last: they follow from others. */
function examplesOf(found) {
  const firsts = found.filter(({ metric }, at) => found.findIndex((one) => one.metric === metric) === at);
  return [...firsts.filter((one) => !isSentinel(one)), ...firsts.filter(isSentinel)].slice(0, EXAMPLES);
}

function isSentinel({ metric }) {
  return /parser|invariants|distribution/.test(metric);
}

function shown({ metric, attributes, expected, actual }) {
  return `${metric} ${attributes}: truth ${JSON.stringify(expected)}, addon ${JSON.stringify(actual)}`;
}

function entryText({ line, parts }) {
  return Object.entries({ line, ...parts }).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name} ${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}`;
  }).join('\n');
}

module.exports = { reportOf };
