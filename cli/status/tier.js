'use strict';

const NAMES = ['disabled', 'anonymous', 'named'];

/** @returns {string} such as `1, anonymous` */
function tierText(tier) {
  return `${tier}, ${NAMES[tier] ?? 'unknown'}`;
}

module.exports = { tierText };
