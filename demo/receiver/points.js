'use strict';

const { plainAttributes } = require('../otlp/attributes');
const { explicitBuckets } = require('./exponential');

const CUMULATIVE = 2;
/** The flag of a point that only says that its series has ended. */
const NO_RECORDED_VALUE = 1;

/**
 * @typedef {object} Point
 * @property {string} stream the same for all points of one series of one instrumentation scope of one process
 * @property {object} series what `MetricStore.define` takes
 * @property {number|{count: number, sum: number, buckets: number[]}} value
 * @property {boolean} isCumulative whether `value` counts since `startMs`
 * @property {number} startMs
 * @property {number} timeMs
 */

/**
 * The data points of a request. The request comes from outside: a part that is missing is taken as empty.
 * @param {object} request OTLP/JSON
 * @yields {Point}
 */
function* pointsOf(request) {
  for (const { resource, scopeMetrics = [] } of request.resourceMetrics ?? []) {
    const from = plainAttributes(resource?.attributes);
    const identity = JSON.stringify(from);
    const owner = { project: textOf(from['project.name']), team: textOf(from.team), service: textOf(from['service.name']) };
    for (const { scope, metric } of scopeMetrics.flatMap(metricsOf)) {
      const shape = shapeOf(metric);
      if (shape === undefined) continue;
      for (const point of shape.points) {
        if ((point.flags ?? 0) & NO_RECORDED_VALUE) continue;
        const attributes = texts(plainAttributes(point.attributes));
        const { bounds, ...value } = shape.read(point);
        const { name = '', unit = '', description = '' } = metric;
        yield {
          stream: JSON.stringify([identity, scope, name, attributes]),
          series: { metric: name, kind: shape.kind, unit, description, attributes, resource: owner, ...bounds && { bounds } },
          value: 'number' in value ? value.number : value,
          isCumulative: shape.isCumulative,
          startMs: milliseconds(point.startTimeUnixNano),
          timeMs: milliseconds(point.timeUnixNano),
        };
      }
    }
  }
}

/** The metrics of an instrumentation scope. Two scopes of a process can have metrics of the same name, which count apart. */
function metricsOf({ scope: { name, version, attributes } = {}, metrics = [] }) {
  const scope = [name, version, plainAttributes(attributes)];
  return metrics.map((metric) => ({ scope, metric }));
}

function isCumulative({ aggregationTemporality }) {
  return aggregationTemporality === CUMULATIVE;
}

/** How the points of a metric are read; undefined for a metric without data. */
function shapeOf({ sum, gauge, histogram, exponentialHistogram, summary }) {
  if (sum) return { kind: sum.isMonotonic ? 'counter' : 'updown', points: sum.dataPoints ?? [], read: numberOf, isCumulative: isCumulative(sum) };
  if (gauge) return { kind: 'gauge', points: gauge.dataPoints ?? [], read: numberOf, isCumulative: true };
  if (histogram) return { kind: 'histogram', points: histogram.dataPoints ?? [], read: distributionOf, isCumulative: isCumulative(histogram) };
  if (exponentialHistogram) return { kind: 'histogram', points: exponentialHistogram.dataPoints ?? [], read: explicitBuckets, isCumulative: isCumulative(exponentialHistogram) };
  if (summary) return { kind: 'histogram', points: summary.dataPoints ?? [], read: totalsOf, isCumulative: true };
  return undefined;
}

function numberOf({ asDouble, asInt }) {
  return { number: asDouble ?? Number(asInt ?? 0) };
}

/** A histogram may have no buckets. Then all its values are in one. */
function distributionOf({ count = 0, sum = 0, bucketCounts = [], explicitBounds = [] }) {
  if (bucketCounts.length === 0 && explicitBounds.length === 0) return totalsOf({ count, sum });
  return { count: Number(count), sum, buckets: bucketCounts.map(Number), bounds: explicitBounds };
}

/** A summary has quantiles of its own, which cannot be added up. Its count and sum can. */
function totalsOf({ count = 0, sum = 0 }) {
  return { count: Number(count), sum, buckets: [Number(count)], bounds: [] };
}

function texts(attributes) {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, textOf(value) ?? '']));
}

function textOf(value) {
  return value === undefined ? undefined : String(value);
}

function milliseconds(nanos = '0') {
  return Number(BigInt(nanos) / 1_000_000n);
}

module.exports = { pointsOf };
