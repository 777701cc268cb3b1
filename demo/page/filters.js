/** Filters of the page, and the values that they can have. */

/** The filters, in the order in which they are shown. */
export const FILTERS = ['project', 'provider', 'model'];

/**
 * @param {import('../store/metric-store').MetricStore} store
 * @returns {Record<string, string[]>} the values of each filter, in alphabetical order
 */
export function valuesOf(store) {
  const values = Object.fromEntries(FILTERS.map((name) => [name, new Set()]));
  for (const { attributes, resource } of store.series()) {
    const found = { project: resource.project ?? attributes.project, provider: attributes.provider, model: attributes.model };
    for (const name of FILTERS) if (found[name] !== undefined) values[name].add(found[name]);
  }
  return Object.fromEntries(FILTERS.map((name) => [name, inOrder(values[name])]));
}

function inOrder(set) {
  const list = [...set];
  list.sort();
  return list;
}
