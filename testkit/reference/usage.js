'use strict';

const catalog = require('./catalog');
const { hasOwnFigures } = require('./response');
const { usageBlocks, usageInResponse } = require('./response-usage');
const { KINDS, contextTokens, countIn, hostCounts, messagesCounts } = require('./usage-block');

/** The fields of a usage block that are counts. */
const COUNT_FIELDS = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'total_tokens'];
/** The counts of one round of a call. */
const ROUND_FIELDS = COUNT_FIELDS.filter((field) => field !== 'total_tokens');
/** Fields that are counts on the Responses wire only. */
const CHAT_FIELDS = ['prompt_tokens', 'completion_tokens'];

/**
 * The usage of a turn. Each count is the response's, and ccxray's where the response does not report it or is not complete.
 * @param {object} facts see facts.js
 * @returns {{counts: object, context: number, others: {model: string, counts: object}[], figures: object, differs: boolean}|undefined}
 *   `counts` are exported; `context` are the tokens of the last request to the own model; `figures` are ccxray's own numbers, on which
 *   its cost is based; `differs`: the sources contradict each other; undefined if there is no usage, or if it is another turn's
 */
function usageOf(facts) {
  const { entry, terminal } = facts;
  if (!hasOwnFigures(entry, terminal)) return undefined;
  const block = isObject(entry.usage) ? entry.usage : undefined;
  const told = usageInResponse(facts);
  if (block === undefined && told === undefined) return undefined;
  const isMessages = entry.provider === 'anthropic';
  const noted = block === undefined ? {} : (isMessages ? messagesCounts(block) : hostCounts(block));
  const figures = block === undefined ? {} : figuresOf(block, noted, isMessages);
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, told?.own[kind] ?? noted[kind]]));
  const others = told?.others ?? [];
  counts.ttl = [told?.own.ttl, told?.own.rest, noted.ttl].find((ttl) => ttl !== undefined && ttl.short + ttl.long === counts.written);
  return {
    counts,
    context: told?.context ?? contextTokens(counts),
    others,
    figures,
    differs: (block !== undefined && !addsUp(block)) || differ(figures, [counts, ...others.map(({ counts: other }) => other)]),
  };
}

/** The numbers that ccxray shows and prices. They include cache writes in the input, if it has not subtracted them. */
function figuresOf(block, noted, isMessages) {
  const isPlain = isMessages || countIn(block.cache_read_input_tokens) !== undefined;
  return isPlain ? messagesCounts(block) : noted;
}

/** Whether ccxray shows another number than the sum of those that are exported, of all models. */
function differ(figures, exported) {
  return KINDS.some((kind) => {
    const counts = exported.map((one) => one[kind]).filter((count) => count !== undefined);
    return counts.length > 0 && figures[kind] !== undefined && counts.reduce((sum, count) => sum + count, 0) !== figures[kind];
  });
}

/** Whether ccxray's block does not contradict itself: cache writes by lifetime, and the total. */
function addsUp(block) {
  const { input, output, read, written, ttl } = messagesCounts(block);
  if (ttl !== undefined && written !== undefined && ttl.short + ttl.long !== written) return false;
  const total = countIn(block.total_tokens);
  if ([total, input, output].includes(undefined)) return true;
  return total === input + output + (read ?? 0) + (written ?? 0);
}

/** @yields {[string, number]} the tokens of each kind, with the metric that counts them */
function* tokensOf({ input, output, read }) {
  if (input !== undefined) yield ['ccxray.tokens.input_total', input];
  if (output !== undefined) yield ['ccxray.tokens.output_total', output];
  if (read !== undefined) yield ['ccxray.tokens.cache_read_total', read];
}

/** @returns {[string, number][]} tokens written to the cache by lifetime; `unknown` if no split adds up to them */
function cacheWrites({ written, ttl }) {
  if (written === undefined) return [];
  return ttl === undefined ? [['unknown', written]] : [['5m', ttl.short], ['1h', ttl.long]];
}

/**
 * ccxray leaves out what it does not know of a response's usage, and the addon does so, too.
 * @returns {string[]} unknown fields of ccxray's block with an amount, and known fields whose value is not a count, also in the response
 */
function oddFields(facts) {
  const { entry, terminal } = facts;
  if (!hasOwnFigures(entry, terminal)) return [];
  const known = entry.provider === 'anthropic' ? COUNT_FIELDS : [...COUNT_FIELDS, ...CHAT_FIELDS];
  const noted = Object.entries(isObject(entry.usage) ? entry.usage : {}).filter((pair) => isOdd(pair, known) || isUnknown(pair, known));
  const told = usageBlocks(facts).filter(isObject).flatMap(Object.entries).filter((pair) => isOdd(pair, known));
  return Array.from(new Set([...noted, ...told].map(([field]) => field)));
}

/** Whether a round of a call has a count that is none. */
function hasOddRound(rounds) {
  return Array.isArray(rounds) && rounds.filter(isObject).some((round) => ROUND_FIELDS.some((field) => isOddCount(round[field])));
}

function isOddCount(value) {
  return value !== undefined && value !== null && countIn(value) === undefined;
}

function isOdd([field, value], known) {
  return field === 'iterations' ? hasOddRound(value) : (known.includes(field) && isOddCount(value));
}

function isUnknown([field, value], known) {
  return !known.includes(field) && typeof value === 'number' && value > 0 && !catalog.isOnWire('responses', 'usage', field);
}

/** @returns {boolean} whether input and output are reported. A request is never empty */
function hasTokenCounts(usage) {
  return usage?.counts.input !== undefined && usage.counts.output !== undefined && contextTokens(usage.counts) > 0;
}

/** Whether all reported counts are zero, so that no price is missing. False for a usage with unknown fields only. */
function isKnownToBeNothing(counts) {
  const known = KINDS.map((kind) => counts[kind]).filter((value) => value !== undefined);
  return known.length > 0 && known.every((value) => value === 0);
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

module.exports = { usageOf, tokensOf, cacheWrites, oddFields, hasTokenCounts, isKnownToBeNothing };
