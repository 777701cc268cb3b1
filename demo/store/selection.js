'use strict';

/** Where each filter finds its value. */
const FILTERS = {
  project: ({ attributes, resource }) => resource.project ?? attributes.project,
  team: ({ attributes, resource }) => resource.team ?? attributes.team,
  provider: ({ attributes }) => attributes.provider,
  model: ({ attributes }) => attributes.model,
};

/**
 * @typedef {object} Selection
 * @property {object[]} series descriptors
 * @property {string[]} applied the filters that were applied
 * @property {string[]} ignored the filters that were set, but that the metric has no attribute for
 */

/**
 * @param {object[]} series descriptors of one metric
 * @param {Record<string, string|undefined>} filter
 * @returns {Selection}
 */
function selectSeries(series, filter) {
  const set = Object.keys(FILTERS).filter((name) => filter[name] !== undefined);
  const applied = set.filter((name) => series.some((each) => FILTERS[name](each) !== undefined));
  return {
    series: series.filter((each) => applied.every((name) => FILTERS[name](each) === filter[name])),
    applied,
    ignored: set.filter((name) => !applied.includes(name)),
  };
}

module.exports = { selectSeries };
