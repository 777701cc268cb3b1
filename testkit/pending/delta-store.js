'use strict';

const { plainAttributes } = require('../otlp/messages');
const { METRICS, noAmounts } = require('./amounts');

const DELTA = 1;

/** Adds delta sums by process, each interval of a series once, and counts intervals that arrive again. */
class DeltaStore {
  /** The processes whose intervals have arrived more than once, with how often. */
  repeated = new Map();
  /** The attributes of all resources. */
  resources = [];
  #sums = new Map();
  #seen = new Set();

  /** Takes a request in OTLP/JSON. */
  take({ resourceMetrics = [] }) {
    for (const { resource, scopeMetrics = [] } of resourceMetrics) {
      const attributes = plainAttributes(resource.attributes);
      this.resources.push(attributes);
      const metrics = scopeMetrics.flatMap((scope) => scope.metrics ?? []);
      for (const [amount, name] of Object.entries(METRICS)) {
        for (const metric of metrics.filter((one) => one.name === name)) this.#add(attributes['service.instance.id'], amount, metric.sum);
      }
    }
  }

  /** @returns {Map<string, object>} the amounts of each process, by its instance id */
  get sums() {
    return this.#sums;
  }

  #add(instance, amount, { aggregationTemporality, dataPoints = [] }) {
    if (aggregationTemporality !== DELTA) throw new Error(`${amount} is not a delta`);
    for (const { attributes, startTimeUnixNano: from, timeUnixNano: to, asInt, asDouble } of dataPoints) {
      const key = JSON.stringify([instance, amount, plainAttributes(attributes), from, to]);
      if (this.#seen.has(key)) {
        if (amount === 'turns') this.repeated.set(instance, (this.repeated.get(instance) ?? 0) + 1);
        continue;
      }
      this.#seen.add(key);
      if (!this.#sums.has(instance)) this.#sums.set(instance, noAmounts());
      this.#sums.get(instance)[amount] += asDouble ?? Number(asInt ?? 0);
    }
  }
}

module.exports = { DeltaStore };
