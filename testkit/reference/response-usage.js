'use strict';

const catalog = require('./catalog');
const { envelopeOf } = require('./response');
const { KINDS, contextTokens, isAmount, messagesCounts, responsesCounts } = require('./usage-block');

/** The most models of one turn beside its own. */
const MOST_MODELS = 8;

/**
 * The usage blocks of a complete response, in order. A stream without its last event is not complete.
 * @returns {object[]}
 */
function usageBlocks({ entry, events, terminal, res }) {
  if (entry.provider !== 'anthropic' || events === undefined) {
    return events !== undefined && terminal === undefined ? [] : objects([envelopeOf(terminal, res)?.usage]);
  }
  if (terminal === undefined) return [];
  return objects(events.flatMap(({ type, message, usage }) => {
    if (type === 'message_start') return [message?.usage];
    return type === 'message_delta' ? [usage] : (type === 'message_stop' ? [usage, message?.usage] : []);
  }));
}

/**
 * What a complete response reports.
 * @param {object} facts see facts.js
 * @returns {{own: object, context: number|undefined, others: {model: string, counts: object}[]}|undefined} the counts of the entry's own
 *   model, its context if that is not the sum of these counts, and the counts of other models; undefined if nothing is reported
 */
function usageInResponse(facts) {
  const blocks = usageBlocks(facts);
  if (blocks.length === 0) return undefined;
  if (facts.entry.provider !== 'anthropic') return { own: responsesCounts(blocks.at(-1)), context: undefined, others: [] };
  const top = facts.events === undefined ? messagesCounts(blocks[0]) : grown(blocks);
  const rounds = objects(blocks.map(({ iterations }) => iterations).findLast(Array.isArray) ?? []);
  return withRounds(top, rounds, facts.entry.model);
}

/**
 * Counts are cumulative, so a later amount replaces an earlier one. A zero does not: some servers report the input only once. The first
 * output is a placeholder, which counts only if there is no other.
 */
function grown([first, ...rest]) {
  const later = rest.map(messagesCounts);
  const start = messagesCounts(first);
  const base = later.some(({ output }) => output !== undefined) ? { ...start, output: undefined } : start;
  return later.reduce((counts, next) => {
    const pairs = KINDS.map((kind) => [kind, next[kind] > 0 ? next[kind] : (counts[kind] ?? next[kind])]);
    return { ...Object.fromEntries(pairs), ttl: isSplit(next.ttl) ? next.ttl : (counts.ttl ?? next.ttl) };
  }, base);
}

function isSplit(ttl) {
  return ttl !== undefined && ttl.short + ttl.long > 0;
}

/** Each round of a call is billed under its model. The counts beside them may cover the last round only. */
function withRounds(top, rounds, model) {
  const mine = rounds.filter((round) => isSameModel(round.model, model));
  const sum = sumOf(mine.map(messagesCounts));
  const others = modelsOf(rounds.filter((round) => !mine.includes(round)));
  if (!isAmount(sum)) return { own: top, context: undefined, others };
  const own = Object.fromEntries(KINDS.map((kind) => [kind, sum[kind] ?? top[kind]]));
  const last = mine.findLast(({ type }) => type === undefined || type === 'message') ?? (contextTokens(top) > 0 ? undefined : mine.at(-1));
  return { own: { ...own, ttl: sum.ttl ?? top.ttl, rest: top.ttl }, context: contextTokens(last === undefined ? top : messagesCounts(last)), others };
}

function modelsOf(rounds) {
  const names = Array.from(new Set(rounds.map(({ model }) => model))).slice(0, MOST_MODELS);
  const models = names.map((name) => ({ model: name, counts: sumOf(rounds.filter(({ model }) => model === name).map(messagesCounts)) }));
  return models.filter(({ counts }) => isAmount(counts));
}

function isSameModel(name, own) {
  // Without a model of its own, the entry has only one.
  if (isMissing(name) || isMissing(own) || name === own) return true;
  const family = catalog.modelFamily(name);
  return family !== 'other' && family === catalog.modelFamily(own);
}

function isMissing(name) {
  return typeof name !== 'string' || name === '';
}

/** The sum of several counts. A kind that none of them has is not reported. */
function sumOf(all) {
  const sum = Object.fromEntries(KINDS.map((kind) => [kind, addUp(all.map((counts) => counts[kind]))]));
  const splits = all.map(({ ttl }) => ttl).filter((ttl) => ttl !== undefined);
  const ttl = splits.length === 0 ? undefined : { short: addUp(splits.map(({ short }) => short)), long: addUp(splits.map(({ long }) => long)) };
  return { ...sum, ttl };
}

function addUp(values) {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}

function objects(values) {
  return values.filter((value) => value !== null && typeof value === 'object' && !Array.isArray(value));
}

module.exports = { usageBlocks, usageInResponse };
