'use strict';

const { isCostInBounds } = require('./cost');
const { areTimesInBounds } = require('./time');
const { isShareInBounds } = require('./window');

/**
 * The facts of an entry that are beyond any real value. They are not used.
 * @param {object} facts see facts.js
 * @returns {string[]} the names of their parsers
 */
function beyondBounds({ entry, events, usage, window }) {
  const checks = {
    time: areTimesInBounds(entry, events),
    cost: isCostInBounds(entry),
    context: isShareInBounds(usage?.context, window),
  };
  return Object.keys(checks).filter((parser) => !checks[parser]);
}

module.exports = { beyondBounds };
