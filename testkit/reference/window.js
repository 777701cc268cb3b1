'use strict';

const catalog = require('./catalog');
const { countIn } = require('./usage-block');

/** What the host takes for the context window of a model that it does not know, in tokens. */
const DEFAULT = 200_000;

/** @returns {number|undefined} tokens of the context window: the host's, or the catalog's if the host only has a default */
function windowOf({ maxContext, model }) {
  const window = maxContext === DEFAULT ? (catalog.contextWindow(model) ?? maxContext) : maxContext;
  return countIn(window) > 0 ? window : undefined;
}

module.exports = { windowOf };
