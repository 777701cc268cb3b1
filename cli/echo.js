'use strict';

/** Longer than any value that an option takes from a list. */
const MAX_SHOWN = 24;
/** How tokens of known services and values of an authorization header begin. */
const SECRET = /\b(sk-|pk-|gh[pousr]_|github_pat_|glpat-|glc_|glsa_|xox[abprs]-|xai-|AKIA|eyJ|hc[a-z]{2,3}_|dt0c01\.|NRAK-)|^(Bearer|Basic|Api-Token)\b/i;

/**
 * A value of the command line as an error may repeat it. A secret can get there by a forgotten quote or option.
 * @param {string} value
 * @returns {string} in quotes; without the value if it may be a secret
 */
function echoed(value) {
  return value.length > MAX_SHOWN || mayBeSecret(value) ? '"***"' : JSON.stringify(value);
}

/**
 * @param {string} word of the command line, such as the name of a directory
 * @returns {boolean} whether it looks like a secret
 */
function mayBeSecret(word) {
  return SECRET.test(word);
}

module.exports = { echoed, mayBeSecret };
