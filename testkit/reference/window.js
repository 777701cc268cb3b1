'use strict';

const catalog = require('./catalog');
const { countIn } = require('./usage-block');

/** What the host takes for the context window of a model that it does not know, in tokens. */
const DEFAULT = 200_000;
/** The largest share of a window. A larger one is a defect of its source. */
const FULLEST = 10;

/**
 * @param {object} entry
 * @param {number|undefined} context how many tokens the request has
 * @returns {number|undefined} tokens of the context window: the host's, or the catalog's if the host only has a default; undefined if the
 *   request cannot have been sent to a model with that window
 */
function windowOf({ maxContext, model }, context = 0) {
  const window = maxContext === DEFAULT ? (catalog.contextWindow(model) ?? maxContext) : maxContext;
  return countIn(window) > 0 && context <= FULLEST * window ? window : undefined;
}

/** @returns {boolean} whether the window is possible or not reported. Hosts write 0 for an unknown one */
function isWindowInBounds(entry, context) {
  return [undefined, null, 0].includes(entry.maxContext) || windowOf(entry, context) !== undefined;
}

module.exports = { windowOf, isWindowInBounds };
