'use strict';

/**
 * @param {string} least
 * @returns {(version: string) => boolean} whether a version is this one or a newer one
 */
function since(least) {
  return (version) => order(version, least) >= 0;
}

/**
 * @param {string} first
 * @returns {(version: string) => boolean} whether a version is older than this one
 */
function before(first) {
  return (version) => order(version, first) < 0;
}

module.exports = { since, before };

function order(a, b) {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number));
  const at = [0, 1, 2].find((i) => left[i] !== right[i]);
  return at === undefined ? 0 : left[at] - right[at];
}
