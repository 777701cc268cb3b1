'use strict';

/** What the generator adds to the declarations for itself: a constant, with the comment before it. */
const INTERNAL = /^\/\*\*\n(?: \*.*\n)*? \*\/\nexport declare const __napi\w+.*\n\n?/gm;

/**
 * The declarations without the names that only the loader uses.
 * @param {string} text of `index.d.ts`
 */
function stripInternals(text) {
  return text.replace(INTERNAL, '');
}

module.exports = { stripInternals };
