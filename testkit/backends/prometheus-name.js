'use strict';

/**
 * The name under which Prometheus keeps a metric that came over OTLP, by its default translation.
 * @param {string} name
 * @param {{isCounter: boolean, unit?: string}} kind units in braces are annotations and leave no trace
 * @returns {string}
 */
function prometheusName(name, { isCounter, unit = '' }) {
  const words = name.replace(/[^a-zA-Z0-9_]/g, '_');
  const withUnit = unit === 's' ? `${words}_seconds` : words;
  return isCounter && !withUnit.endsWith('_total') ? `${withUnit}_total` : withUnit;
}

module.exports = { prometheusName };
