'use strict';

const { plainAttributes } = require('./attributes');

/**
 * Keeps the newest data point of every series it receives. A series is a metric of a resource with one set of
 * attributes, so a newer point of a cumulative counter replaces the older one.
 */
class SeriesStore {
  #series = new Map();

  /**
   * Adds the points of one request.
   * @param {object} request OTLP/JSON
   * @returns {number} how many points it has
   */
  take(request) {
    let points = 0;
    for (const { resource, scopeMetrics = [] } of request.resourceMetrics ?? []) {
      const resourceAttributes = plainAttributes(resource?.attributes);
      for (const metric of scopeMetrics.flatMap(({ metrics = [] }) => metrics)) {
        for (const point of pointsOf(metric)) {
          this.#put(resourceAttributes, metric, point);
          points += 1;
        }
      }
    }
    return points;
  }

  /**
   * @returns {object[]} in order of first arrival: `{resource, metric, unit, kind, attributes, timeUnixNano, first}` and
   *   `value`, or `count`, `sum`, `bucketCounts`, `explicitBounds` of a histogram; `first` is the first value received
   */
  all() {
    return [...this.#series.values()];
  }

  #put(resource, metric, point) {
    const attributes = plainAttributes(point.attributes);
    const key = JSON.stringify([resource, metric.name, attributes]);
    const known = this.#series.get(key);
    const timeUnixNano = point.timeUnixNano ?? '0';
    if (known !== undefined && BigInt(known.timeUnixNano) > BigInt(timeUnixNano)) return;
    const { name, unit = '' } = metric;
    const kind = kindOf(metric);
    const value = kind === 'histogram' ? distributionOf(point) : { value: numberOf(point) };
    this.#series.set(key, { resource, metric: name, unit, kind, attributes, timeUnixNano, first: known?.first ?? value, ...value });
  }
}

/**
 * How many points each metric of a request has.
 * @param {object} request OTLP/JSON
 * @returns {Record<string, number>}
 */
function pointsByMetric(request) {
  const counts = {};
  for (const { scopeMetrics = [] } of request.resourceMetrics ?? []) {
    for (const metric of scopeMetrics.flatMap(({ metrics = [] }) => metrics)) {
      counts[metric.name] = (counts[metric.name] ?? 0) + pointsOf(metric).length;
    }
  }
  return counts;
}

/** @returns {'counter'|'updown'|'gauge'|'histogram'} */
function kindOf(metric) {
  if (metric.histogram) return 'histogram';
  if (metric.gauge) return 'gauge';
  return metric.sum?.isMonotonic ? 'counter' : 'updown';
}

function pointsOf({ sum, gauge, histogram }) {
  return (sum ?? gauge ?? histogram)?.dataPoints ?? [];
}

function numberOf({ asDouble, asInt }) {
  return asDouble ?? Number(asInt ?? 0);
}

/** A field that is zero may be absent on the wire. */
function distributionOf({ count = 0, sum = 0, bucketCounts = [], explicitBounds = [] }) {
  return { count: Number(count), sum, bucketCounts: bucketCounts.map(Number), explicitBounds };
}

module.exports = { SeriesStore, pointsByMetric };
