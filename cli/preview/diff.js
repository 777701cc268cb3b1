'use strict';

const { cut } = require('../cut');
const { wrap } = require('../wrap');
const { kindText } = require('./names');
const { count, sizeText } = require('./lines');

/** How many changes of names are shown. */
const MOST_CHANGES = 40;

/**
 * Compares two variants of one dry run.
 * @param {object} before
 * @param {object} after
 * @returns {{resource: object, attributes: object, metrics: object, names: object[]}} for each part what is added and
 *   removed, and the names for which something else is sent
 */
function difference(before, after) {
  return {
    resource: {
      added: entriesNotIn(after.resource, before.resource),
      removed: entriesNotIn(before.resource, after.resource),
    },
    attributes: lists(before.attributes, after.attributes),
    metrics: lists(before.metrics, after.metrics),
    names: changedNames(before.decisions, after.decisions),
  };
}

/**
 * @param {object} before
 * @param {object} after
 * @param {object} [options]
 * @param {boolean} [options.all] whether no list is cut
 * @returns {string[]} the difference in lines for people
 */
function linesOfDifference(before, after, { all = false } = {}) {
  const { resource, attributes, metrics, names } = difference(before, after);
  const named = names.filter(({ name }) => name !== undefined).map(({ kind, name, before: was, after: now }) => `${kindText(kind)} ${name}: ${was} → ${now}`);
  const hidden = names.length - named.length;
  const changes = cut(named, all ? Infinity : MOST_CHANGES, ' (--all shows them)');
  const lines = [
    ...block('Added', [...pairs(resource.added), ...words('attribute', attributes.added), ...words('metric', metrics.added)]),
    ...block('Removed', [...pairs(resource.removed), ...words('attribute', attributes.removed), ...words('metric', metrics.removed)]),
    ...block('Names for which something else is sent', [...changes, ...hidden > 0 ? [`${count(hidden, 'name')} that may be private and ${hidden === 1 ? 'is' : 'are'} not shown here`] : []]),
  ];
  return [
    `Your config  ${settingText(before)}: ${sizeText(before)}`,
    `Instead      ${settingText(after)}: ${sizeText(after)}`,
    ...lines.length > 0 ? lines : ['', 'The same is sent.'],
  ].flatMap((line) => wrap(line, { indent: line.startsWith('  ') ? 4 : 13 }));
}

function settingText({ tier, names }) {
  return tier === 2 ? 'tier 2' : `tier 1, names ${names}`;
}

function entriesNotIn(one, other) {
  return Object.fromEntries(Object.entries(one).filter(([key, value]) => other[key] !== value));
}

function lists(before, after) {
  return { added: after.filter((each) => !before.includes(each)), removed: before.filter((each) => !after.includes(each)) };
}

/** The gate sees the same names in both. Names that are not shown can only be counted. */
function changedNames(before, after) {
  const was = new Map(before.map((decision) => [nameKey(decision), decision]));
  const counts = new Map();
  for (const decision of before) counts.set(outcomeKey(decision), (counts.get(outcomeKey(decision)) ?? 0) + 1);
  return after.flatMap((decision) => {
    const { kind, name, sent } = decision;
    if (name === undefined) {
      const left = counts.get(outcomeKey(decision)) ?? 0;
      counts.set(outcomeKey(decision), left - 1);
      return left > 0 ? [] : [{ kind, after: sent }];
    }
    const then = was.get(nameKey(decision));
    return then === undefined || then.sent === sent ? [] : [{ kind, name, before: then.sent, after: sent }];
  });
}

function nameKey({ kind, name }) {
  return JSON.stringify([kind, name]);
}

/** Of a name that is not shown: what is sent for it. A named decision has another key. */
function outcomeKey({ kind, name, sent }) {
  return JSON.stringify([kind, sent, name ?? null]);
}

function pairs(resource) {
  return Object.entries(resource).map(([key, value]) => `resource attribute ${key}: ${value}`);
}

function words(noun, list) {
  return list.map((word) => `${noun} ${word}`);
}

function block(heading, lines) {
  return lines.length === 0 ? [] : ['', heading, ...lines.map((line) => `  ${line}`)];
}

module.exports = { difference, linesOfDifference };
