'use strict';

/** The value of an attribute beyond its cardinality limit. */
const OVERFLOW = '_overflow_';

/**
 * What the requests of an export contain.
 * @param {string[]} requests as OTLP/JSON
 * @returns {Contents}
 */
function contentsOf(requests) {
  const contents = new Contents();
  for (const request of requests) contents.add(JSON.parse(request));
  return contents;
}

/** What an export contains. */
class Contents {
  /** The resource attributes: key and value. */
  resource = {};
  /** How many data points there are. Each one is of another series. */
  points = 0;
  /** The names of the metrics. */
  metrics = new Set();
  /** The values of the data points' attributes: by the key of the attribute, then by the metric. */
  #values = new Map();

  /** @param {object} request OTLP/JSON */
  add({ resourceMetrics }) {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      for (const { key, value } of resource.attributes) this.resource[key] = textOf(value);
      for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) this.#addMetric(metric);
    }
  }

  /** @returns {string[]} the keys of the data points' attributes, in their order */
  get attributes() {
    return sorted(this.#values.keys());
  }

  /**
   * @param {string} key of an attribute
   * @param {string} value
   * @returns {string[]} the metrics in which the attribute has this value
   */
  metricsWith(key, value) {
    const byMetric = [...this.#values.get(key) ?? []];
    return byMetric.filter(([, values]) => values.has(value)).map(([metric]) => metric);
  }

  /** @returns {{attribute: string, metrics: string[]}[]} the attributes that have more values than their limit */
  get limits() {
    const limits = this.attributes.map((attribute) => ({ attribute, metrics: this.metricsWith(attribute, OVERFLOW) }));
    return limits.filter(({ metrics }) => metrics.length > 0);
  }

  #addMetric({ name, sum, gauge, histogram, exponentialHistogram }) {
    this.metrics.add(name);
    for (const { attributes } of (sum ?? gauge ?? histogram ?? exponentialHistogram).dataPoints) {
      this.points += 1;
      for (const { key, value } of attributes) {
        const byMetric = this.#values.get(key) ?? new Map();
        const values = byMetric.get(name) ?? new Set();
        values.add(textOf(value));
        byMetric.set(name, values);
        this.#values.set(key, byMetric);
      }
    }
  }
}

function sorted(keys) {
  const list = [...keys];
  list.sort();
  return list;
}

/** The value of an attribute: a string or a boolean. */
function textOf(value) {
  return String(value.stringValue ?? value.boolValue);
}

module.exports = { OVERFLOW, contentsOf };
