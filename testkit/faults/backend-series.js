'use strict';

const { plainAttributes } = require('../otlp/messages');
const { SeriesStore } = require('../../demo/otlp/series');

/** The number of this temporality in OTLP. */
const DELTA = 1;

/**
 * The series that a backend has in the end, with either temporality: of a cumulative series the newest point, of a delta
 * series the sum of its points. Another resource, such as another `service.instance.id`, has its own series.
 */
class BackendSeries {
  /** How many points were accepted. */
  points = 0;
  /** Delta points that begin before the previous one ended. They are evidence that data was sent twice. */
  overlaps = [];
  #newest = new SeriesStore();
  #added = new Map();
  #intervals = new Map();

  /** Adds the points of one request in OTLP/JSON. */
  take(request) {
    this.points += this.#newest.take(without(request));
    for (const { resource, scopeMetrics = [] } of request.resourceMetrics ?? []) {
      const attributes = plainAttributes(resource?.attributes);
      for (const metric of scopeMetrics.flatMap(({ metrics = [] }) => metrics).filter(isDelta)) this.#add(attributes, metric);
    }
  }

  /** @returns {object[]} as `SeriesStore.all` in testkit/otlp/series.js; a delta series has `from` and `to` as well */
  series() {
    return [...this.#newest.all(), ...this.#added.values()];
  }

  /**
   * The intervals of the points of a delta metric, in order of arrival.
   * @param {string} metric
   * @param {string} [instance] Default: the only one
   * @returns {{from: string, to: string}[]} nanoseconds
   */
  intervals(metric, instance) {
    const meant = [...this.#intervals.values()].filter((one) => one.metric === metric && one.instance === (instance ?? one.instance));
    if (meant.length > 1) throw new RangeError(`${metric} has several instances; name one`);
    return meant[0]?.intervals ?? [];
  }

  #add(resource, { name, unit = '', sum, histogram }) {
    for (const point of (sum ?? histogram).dataPoints ?? []) {
      const attributes = plainAttributes(point.attributes);
      const key = JSON.stringify([resource, name, attributes]);
      const { startTimeUnixNano: from = '0', timeUnixNano: to = '0' } = point;
      const known = this.#added.get(key);
      if (known !== undefined && BigInt(from) < BigInt(known.to)) this.overlaps.push({ metric: name, attributes, from, to, after: known.to });
      this.#note(resource['service.instance.id'], name, from, to);
      const kind = histogram ? 'histogram' : 'counter';
      const amounts = histogram ? withDistribution(known, point) : { value: (known?.value ?? 0) + numberOf(point) };
      this.#added.set(key, { resource, metric: name, unit, kind, attributes, from: known?.from ?? from, to, timeUnixNano: to, ...amounts });
      this.points += 1;
    }
  }

  #note(instance, metric, from, to) {
    const key = JSON.stringify([instance, metric]);
    if (!this.#intervals.has(key)) this.#intervals.set(key, { instance, metric, intervals: [] });
    const { intervals } = this.#intervals.get(key);
    if (intervals.at(-1)?.to !== to || intervals.at(-1).from !== from) intervals.push({ from, to });
  }
}

/** The request without its delta metrics. */
function without({ resourceMetrics = [] }) {
  return { resourceMetrics: resourceMetrics.map(({ resource, scopeMetrics = [] }) => ({ resource, scopeMetrics: scopeMetrics.map(others) })) };
}

function others({ scope, metrics = [] }) {
  return { scope, metrics: metrics.filter((metric) => !isDelta(metric)) };
}

function isDelta({ sum, histogram }) {
  return (sum ?? histogram)?.aggregationTemporality === DELTA;
}

function numberOf({ asDouble, asInt }) {
  return asDouble ?? Number(asInt ?? 0);
}

function withDistribution(known, { count = 0, sum = 0, bucketCounts = [], explicitBounds = [] }) {
  const buckets = bucketCounts.map((one, i) => Number(one) + (known?.bucketCounts[i] ?? 0));
  return { count: (known?.count ?? 0) + Number(count), sum: (known?.sum ?? 0) + sum, bucketCounts: buckets, explicitBounds };
}

module.exports = { BackendSeries };
