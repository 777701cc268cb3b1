'use strict';

const { referenceTotals } = require('../reference');
const { differences } = require('../otlp/totals');
const { smallest } = require('./shrink');

/** For how many differences the smallest case is searched, and how many characters of a text are shown. */
const EXAMPLES = 3;
const SHOWN = 3000;

/**
 * The differences between the addon and the reference implementation, with the smallest set of entries that shows each.
 * @param {{line: string, parts: object, session: number}[]} records
 * @param {{totals: (records: object[]) => Promise<import('../otlp/totals').Totals>}} addon
 * @param {(records: object[]) => import('../otlp/totals').Totals} [reference] Default: the reference implementation
 * @returns {Promise<string>} lines to read; empty if there is no difference
 */
async function reportOf(records, addon, reference = referenceTotals) {
  const differ = async (part) => differences(reference(part), await addon.totals(part));
  const found = await differ(records);
  const rows = found.map(shown);
  for (const { metric, attributes } of examplesOf(found)) {
    const isSame = (one) => one.metric === metric && one.attributes === attributes;
    const part = await smallest(records, async (candidate) => (await differ(candidate)).some(isSame));
    const title = `smallest case of ${metric} ${attributes}: ${part.length} of ${records.length} entries`;
    rows.push('', title, ...(await differ(part)).map(shown), ...part.map(entryText));
  }
  return rows.join('\n');
}

/** One difference of each metric. Sentinels come last, because they often follow from another difference. */
function examplesOf(found) {
  const firsts = found.filter(({ metric }, at) => found.findIndex((one) => one.metric === metric) === at);
  return [...firsts.filter((one) => !isSentinel(one)), ...firsts.filter(isSentinel)].slice(0, EXAMPLES);
}

function isSentinel({ metric }) {
  return /parser|invariants|distribution/.test(metric);
}

function shown({ metric, attributes, expected, actual }) {
  return `${metric} ${attributes}: reference ${JSON.stringify(expected)}, addon ${JSON.stringify(actual)}`;
}

function entryText({ line, parts }) {
  return Object.entries({ line, ...parts }).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name} ${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}`;
  }).join('\n');
}

module.exports = { reportOf };
