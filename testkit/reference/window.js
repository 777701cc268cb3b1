'use strict';

const catalog = require('./catalog');
const { countIn } = require('./usage-block');

/** What the host takes for the context window of a model that it does not know, in tokens. */
const DEFAULT = 200_000;
/** The largest share of a window. A larger one is a defect of its source. */
const FULLEST = 10;

/** @returns {number|undefined} tokens of the context window: the host's, or the catalog's if the host only has a default */
function windowOf({ maxContext, model }) {
  const window = maxContext === DEFAULT ? (catalog.contextWindow(model) ?? maxContext) : maxContext;
  return countIn(window) > 0 ? window : undefined;
}

/** @returns {boolean} whether a request of that size can have been sent to a model with that window, in tokens */
function isShareInBounds(context, window) {
  return context === undefined || window === undefined || context <= FULLEST * window;
}

module.exports = { windowOf, isShareInBounds };
