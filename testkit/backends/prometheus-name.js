'use strict';

/**
 * The name under which Prometheus stores a metric received over OTLP, by its default translation.
 * @param {string} name
 * @param {{isCounter: boolean, unit?: string}} kind units in braces are annotations and do not change the name
 * @returns {string}
 */
function prometheusName(name, { isCounter, unit = '' }) {
  const valid = name.replace(/[^a-zA-Z0-9_]/g, '_');
  const withUnit = unit === 's' ? `${valid}_seconds` : valid;
  return isCounter && !withUnit.endsWith('_total') ? `${withUnit}_total` : withUnit;
}

module.exports = { prometheusName };
