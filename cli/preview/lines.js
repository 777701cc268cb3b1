'use strict';

const { cut } = require('../cut');
const { wrap } = require('../wrap');
const { table } = require('../table');
const { tierText } = require('../status/tier');
const { kindText, replacedNames, sentNames } = require('./names');

/** How many names are shown of each kind, and how many replaced ones. */
const MOST_NAMES = 20;

/** What no tier sends. */
const NEVER_SENT = 'prompts, answers, code, tool inputs and outputs, titles, file names and paths, commands, error messages, session and request ids, account and device ids, host and user names';

/**
 * @param {import('./variant').Variant} variant
 * @param {object} [options]
 * @param {boolean} [options.all] whether no list is cut
 * @returns {string[]} what the next export would send, in lines for people
 */
function linesOfVariant(variant, { all = false } = {}) {
  const most = all ? Infinity : MOST_NAMES;
  return [
    ...facts(variant),
    ...block('Sent with every request', table(Object.entries(variant.resource).map(([key, value]) => [`  ${key}`, resourceText(key, value, variant.resolution)]))),
    ...block('Attributes of the numbers', wrap(variant.attributes.join(', '), { first: '  ' })),
    ...block('Published names that are sent', sentLines(variant, true, most)),
    ...block(`Names of your own that are sent${because(variant)}`, sentLines(variant, false, most)),
    ...block('Names that are replaced', replacedLines(variant, most)),
    ...block('More values than the limit of their attribute, sent as _overflow_', variant.limits.flatMap(({ attribute, metrics }) => wrap(`${attribute} of ${metrics.join(', ')}`, { first: '  ', indent: 4 }))),
    ...block('Never sent', wrap(variant.tier === 2 ? NEVER_SENT : `${NEVER_SENT}, e-mail addresses`, { first: '  ' })),
  ];
}

function facts(variant) {
  const { tier, names, endpoint, protocol, compression, temporality } = variant;
  const rows = {
    To: endpoint ?? 'nowhere yet: no endpoint is set',
    As: `${protocol}, ${compression === 'none' ? 'not compressed' : compression}, ${temporality} sums`,
    Each: sizeText(variant),
    Tier: tier === 1 && names === 'all' ? `${tierText(tier)}, with all names` : tierText(tier),
  };
  return Object.entries(rows).flatMap(([name, text]) => wrap(text, { first: name.padEnd(6) }));
}

/**
 * @param {import('./variant').Variant} variant
 * @returns {string} how often something is sent, and how much
 */
function sizeText({ requests, points, bytes, sentBytes, compression, ...rhythm }) {
  // It depends on the times in the request, too.
  const compressed = compression === 'none' ? '' : ` (about ${Number(sentBytes.toPrecision(2)).toLocaleString('en-US')} compressed)`;
  return `${rhythmText(rhythm)}: ${count(requests.length, 'request')} with ${count(points, 'series', '')}, ${count(bytes, 'byte')}${compressed}`;
}

/** How often requests are sent. */
function rhythmText({ resolution, intervalSeconds }) {
  return resolution === 'minute' ? `every ${intervalSeconds.toLocaleString('en-US')} s` : `at most once ${resolution === 'hour' ? 'an hour' : 'a day'}`;
}

function resourceText(key, value, resolution) {
  return key === 'service.instance.id' ? `random, new ${resolution === 'minute' ? 'at each start' : `in each ${resolution}`}` : value;
}

function because({ tier, names }) {
  if (tier === 2) return ' (tier 2)';
  return names === 'all' ? ' ("names": "all")' : ' (known_names)';
}

function sentLines({ decisions }, isPublished, most) {
  const sent = sentNames(decisions, isPublished);
  return sent.flatMap(([kind, names]) => wrap(cut(names, most, ' (--all shows them)').join(', '), { first: `  ${kindText(kind, 2)}: `, indent: 4 }));
}

function replacedLines({ decisions, decisionsNotKept }, most) {
  const lines = cut(replacedNames(decisions), most, ' (--all shows them)').flatMap((line) => wrap(line, { first: '  ', indent: 4 }));
  const rest = decisionsNotKept > 0 ? wrap(`There are more than 2000 names of a kind. The rest is not listed (seen ${count(decisionsNotKept, 'time')}).`, { first: '  ' }) : [];
  return [...lines, ...rest];
}

function block(heading, lines) {
  return lines.every((line) => line.trim() === '') ? [] : ['', heading, ...lines];
}

/**
 * @param {number} amount
 * @param {string} noun
 * @param {string} [plural] the end of the noun if there are several. Default: `s`
 * @returns {string} such as `1,000 turns`
 */
function count(amount, noun, plural = 's') {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : plural}`;
}

module.exports = { NEVER_SENT, count, linesOfVariant, sizeText };
