'use strict';

const { plainAttributes } = require('../otlp/messages');
const { METRICS, noAmounts } = require('./amounts');

const DELTA = 1;

/**
 * The sums of each process, as a backend adds them up: of delta sums each interval once, of a cumulative series the last
 * value. A value below the last one counts as a new beginning in the increases, as in PromQL.
 */
class SumStore {
  /** The processes whose intervals have arrived more than once, with how often. */
  repeated = new Map();
  /** The attributes of all resources. */
  resources = [];
  #sums = new Map();
  #increases = new Map();
  #values = new Map();

  /** Takes a request in OTLP/JSON. */
  take({ resourceMetrics = [] }) {
    for (const { resource, scopeMetrics = [] } of resourceMetrics) {
      const attributes = plainAttributes(resource.attributes);
      this.resources.push(attributes);
      const metrics = scopeMetrics.flatMap((scope) => scope.metrics ?? []);
      for (const [amount, name] of Object.entries(METRICS)) {
        for (const metric of metrics.filter((one) => one.name === name)) this.#takeSum(attributes['service.instance.id'], amount, metric.sum);
      }
    }
  }

  /** @returns {Map<string, object>} the amounts of each process, by its instance id */
  get sums() {
    return this.#sums;
  }

  /** @returns {Map<string, object>} the same from the differences between values */
  get increases() {
    return this.#increases;
  }

  #takeSum(instance, amount, { aggregationTemporality, dataPoints = [] }) {
    for (const { attributes, startTimeUnixNano: from, timeUnixNano: to, asInt, asDouble } of dataPoints) {
      const value = asDouble ?? Number(asInt ?? 0);
      const series = [instance, amount, plainAttributes(attributes)];
      if (aggregationTemporality === DELTA) this.#addInterval(instance, amount, JSON.stringify([...series, from, to]), value);
      else this.#addValue(instance, amount, JSON.stringify(series), value);
    }
  }

  #addInterval(instance, amount, key, value) {
    if (this.#values.has(key)) {
      if (amount === 'turns') this.repeated.set(instance, (this.repeated.get(instance) ?? 0) + 1);
      return;
    }
    this.#values.set(key, value);
    add(this.#sums, instance, amount, value);
    add(this.#increases, instance, amount, value);
  }

  #addValue(instance, amount, key, value) {
    const last = this.#values.get(key);
    this.#values.set(key, value);
    add(this.#sums, instance, amount, value - (last ?? 0));
    // Without a value before, there is no difference.
    if (last !== undefined) add(this.#increases, instance, amount, value < last ? value : value - last);
  }
}

function add(amounts, instance, name, value) {
  if (!amounts.has(instance)) amounts.set(instance, noAmounts());
  amounts.get(instance)[name] += value;
}

module.exports = { SumStore };
