'use strict';

const { KINDS } = require('./usage-block');

/** The largest cost of one call and the largest rate, in US dollars. Rates are those of a million tokens. */
const LARGEST = 1e6;
const RATES = ['input', 'output', 'cache_read', 'cache_create'];

/**
 * The cost of a turn. It is ccxray's, unless it does not cover the exported tokens: then it is the rates times these tokens, and cache
 * writes for an hour cost twice the input rate. ccxray prices them like those for five minutes.
 * @param {{cost?: *}} entry
 * @param {{counts: object, figures: object}|undefined} usage
 * @returns {{usd: number|undefined, differs: boolean}} undefined if the price is unknown
 */
function costOf({ cost }, usage) {
  const noted = amountIn(isObject(cost) ? cost.cost : cost);
  if (usage === undefined) return { usd: noted, differs: false };
  const { counts, figures } = usage;
  const isCovered = KINDS.every((kind) => (counts[kind] ?? 0) === (figures[kind] ?? 0));
  if (isCovered) return { usd: noted, differs: false };
  const rates = ratesIn(cost);
  if (rates === undefined) return { usd: undefined, differs: false };
  const usd = priceOf(counts, rates);
  return { usd, differs: noted !== undefined && Math.abs(usd - noted) > 1e-9 * Math.max(usd, noted) };
}

function priceOf({ input, output, read, written, ttl }, rates) {
  const long = ttl?.long ?? 0;
  const tokens = [[input, rates.input], [output, rates.output], [read, rates.cache_read], [(written ?? 0) - long, rates.cache_create], [long, 2 * rates.input]];
  return tokens.reduce((sum, [count, rate]) => sum + (count ?? 0) * rate, 0) / 1e6;
}

function ratesIn(cost) {
  const rates = isObject(cost) ? cost.rates : undefined;
  return isObject(rates) && RATES.every((name) => amountIn(rates[name]) !== undefined)
    ? Object.fromEntries(RATES.map((name) => [name, amountIn(rates[name])]))
    : undefined;
}

/** @returns {number|undefined} an amount, perhaps as text */
function amountIn(value) {
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof amount === 'number' && amount >= 0 && amount <= LARGEST ? amount : undefined;
}

function isObject(value) {
  return value !== null && typeof value === 'object';
}

module.exports = { costOf };
