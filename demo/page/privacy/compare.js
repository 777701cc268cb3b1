/** What another setting would add, withhold or change. */

import { difference } from '../../../cli/preview/diff.js';

/** The setting that every other one is compared with. */
export const DEFAULT = { tier: 1, names: 'known' };

const NOTHING = { resource: {}, attributes: [], metrics: [], decisions: [], requests: [], limits: [], points: 0, bytes: 0, sentBytes: 0 };

/**
 * @param {object[]} variants as the server sends them
 * @param {{tier: number, names: string}} setting
 * @returns {object} the variant of the setting. Only at tier 1 there are different ones for different names
 */
export function variantOf(variants, { tier, names }) {
  const found = variants.find((each) => each.tier === tier && (tier !== 1 || each.names === names));
  return { ...NOTHING, tier, ...found };
}

/**
 * @param {object} before
 * @param {object} after
 * @returns {{resource: object[], attributes: object[], metrics: object[], names: object[], counts: object}} lists with
 *   marks: `same`, `added`, `withheld` or `changed`
 */
export function compare(before, after) {
  const { resource, attributes, metrics, names } = difference(before, after);
  const lists = {
    resource: resourceRows(before, after, resource),
    attributes: marked(after.attributes, attributes),
    metrics: marked(after.metrics, metrics),
    names: after.tier === 0 ? [] : names,
  };
  const count = (mark) => [...lists.resource, ...lists.attributes, ...lists.metrics].filter((each) => each.mark === mark).length;
  return { ...lists, counts: { added: count('added'), withheld: count('withheld'), replaced: count('changed') + lists.names.length } };
}

function resourceRows(before, after, { added, removed }) {
  const kept = Object.entries(after.resource).map(([key, value]) => {
    if (!Object.hasOwn(added, key)) return { key, value, mark: 'same' };
    return Object.hasOwn(before.resource, key) ? { key, value, before: before.resource[key], mark: 'changed' } : { key, value, mark: 'added' };
  });
  const withheld = Object.entries(removed).filter(([key]) => !Object.hasOwn(after.resource, key));
  return [...kept, ...withheld.map(([key, value]) => ({ key, value, mark: 'withheld' }))];
}

function marked(now, { added, removed }) {
  return [...now.map((value) => ({ value, mark: added.includes(value) ? 'added' : 'same' })), ...removed.map((value) => ({ value, mark: 'withheld' }))];
}
