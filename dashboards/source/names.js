'use strict';

/** Where Prometheus appends the unit or the kind. All other names only get underscores for their dots. */
const SUFFIXED = new Map([
  ['ccxray.request.duration', 'ccxray_request_duration_seconds'],
  ['ccxray.request.time_to_first_token', 'ccxray_request_time_to_first_token_seconds'],
  ['ccxray.otel.tier_distribution', 'ccxray_otel_tier_distribution_total'],
]);

/**
 * How a backend spells the names of metrics and labels.
 * @typedef {object} Names
 * @property {string} id short name of the spelling
 * @property {(metric: string, part?: string) => string} series name of a series; `part` is `_bucket`, `_count` or `_sum` of a histogram
 * @property {(series: string, matchers: string[]) => string} selector
 * @property {(key: string) => string} label as it is written in a query
 * @property {(key: string) => string} rawLabel as it is written in a legend, a result or a column of a table
 */

/** Names as in Prometheus, and in VictoriaMetrics with `-opentelemetry.usePrometheusNaming`. */
const UNDERSCORES = {
  id: 'underscores',
  series: (metric, part = '') => (SUFFIXED.get(metric) ?? underscored(metric)) + part,
  selector: (series, matchers) => (matchers.length === 0 ? series : `${series}{${matchers.join(',')}}`),
  label: underscored,
  rawLabel: underscored,
};

/** Names as VictoriaMetrics stores them without that flag: those of OTLP. */
const DOTS = {
  id: 'dots',
  series: (metric, part = '') => metric + part,
  selector: (series, matchers) => `{${[`"${series}"`, ...matchers].join(',')}}`,
  label: (key) => (key.includes('.') ? `"${key}"` : key),
  rawLabel: (key) => key,
};

function underscored(name) {
  return name.replaceAll('.', '_');
}

module.exports = { DOTS, UNDERSCORES };
