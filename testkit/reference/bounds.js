'use strict';

const { areTimesInBounds } = require('./time');
const { isWindowInBounds } = require('./window');

/**
 * The facts of an entry that are beyond any real value. They are not used.
 * @param {object} facts see facts.js
 * @returns {string[]} the names of their parsers
 */
function beyondBounds({ entry, events, usage }) {
  const checks = { time: areTimesInBounds(entry, events), usage: isWindowInBounds(entry, usage?.context) };
  return Object.keys(checks).filter((parser) => !checks[parser]);
}

module.exports = { beyondBounds };
