'use strict';

const { metrics, rules } = require('../fixtures/prometheus-names.json');

/** The name of each metric in Prometheus, as Prometheus' own translator gives it. A histogram has suffixes as well. */
const NAMES = new Map(metrics.map(({ otlp, prometheus }) => [otlp, prometheus]));

/**
 * @param {string} metric name in OTLP
 * @returns {string} its name in Prometheus
 * @throws {RangeError} if the table lacks it
 */
function prometheusName(metric) {
  const name = NAMES.get(metric);
  if (name === undefined) throw new RangeError(`${metric} is not in testkit/fixtures/prometheus-names.json`);
  return name;
}

/** @returns {string[]} the names of the series of a metric of that kind */
function seriesNames({ prometheus, kind }) {
  return kind === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => prometheus + suffix) : [prometheus];
}

module.exports = { METRICS: metrics, RULES: rules, prometheusName, seriesNames };
