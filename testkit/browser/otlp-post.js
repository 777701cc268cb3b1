'use strict';

/** The aggregation temporality in OTLP. */
const DELTA = 1;

/**
 * Sends points to a receiver as OTLP/JSON. Counters and histograms are increases, so their times can be in the past.
 * @param {string} endpoint
 * @param {object[]} points each with `metric`, `kind` (`counter`, `gauge` or `histogram`), `value`, `timeMs`, and perhaps
 *   `unit`, `attributes`, `resource` and `bounds`
 * @returns {Promise<void>}
 */
async function postPoints(endpoint, points) {
  const response = await fetch(`${endpoint}/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(requestOf(points)) });
  if (!response.ok) throw new Error(`The receiver answered ${response.status}: ${await response.text()}`);
}

function requestOf(points) {
  const resources = new Map();
  for (const point of points) {
    const key = JSON.stringify(point.resource ?? {});
    resources.set(key, [...resources.get(key) ?? [], point]);
  }
  return { resourceMetrics: Array.from(resources, ([key, list]) => ({ resource: { attributes: keyValues(JSON.parse(key)) }, scopeMetrics: [{ scope: { name: 'test' }, metrics: list.map(metricOf) }] })) };
}

function metricOf({ metric, kind, unit = '', description = '', attributes = {}, timeMs, value, bounds }) {
  const common = { attributes: keyValues(attributes), startTimeUnixNano: nanos(timeMs - 1), timeUnixNano: nanos(timeMs) };
  const head = { name: metric, unit, description };
  if (kind === 'gauge') return { ...head, gauge: { dataPoints: [{ ...common, asDouble: value }] } };
  if (kind === 'histogram') {
    const point = { ...common, count: String(value.count), sum: value.sum, bucketCounts: value.buckets.map(String), explicitBounds: bounds };
    return { ...head, histogram: { aggregationTemporality: DELTA, dataPoints: [point] } };
  }
  return { ...head, sum: { aggregationTemporality: DELTA, isMonotonic: true, dataPoints: [{ ...common, asDouble: value }] } };
}

function keyValues(object) {
  return Object.entries(object).map(([key, value]) => ({ key, value: { stringValue: value } }));
}

function nanos(timeMs) {
  return `${Math.round(timeMs)}000000`;
}

module.exports = { postPoints };
