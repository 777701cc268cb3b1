'use strict';

/**
 * @param {object[]} [attributes] KeyValues in OTLP/JSON
 * @returns {Record<string, string|number|boolean>} keys sorted
 */
function plainAttributes(attributes = []) {
  const pairs = attributes.map(({ key, value }) => [key, plainValue(value)]);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(pairs);
}

/**
 * @param {object} [value] an AnyValue in OTLP/JSON
 * @returns {string|number|boolean|undefined} integers as numbers; arrays, maps and bytes as their JSON
 */
function plainValue(value = {}) {
  if ('stringValue' in value) return value.stringValue;
  if ('boolValue' in value) return value.boolValue;
  if ('intValue' in value) return Number(value.intValue);
  if ('doubleValue' in value) return value.doubleValue;
  return Object.keys(value).length > 0 ? JSON.stringify(value) : undefined;
}

module.exports = { plainAttributes };
