'use strict';

const { startBackend } = require('../backends/backend');
const { prometheusName } = require('../backends/prometheus-names');
const { findVictoriaMetrics } = require('../backends/victoria-metrics');
const { startReceiver } = require('../receiver/receiver');
const { METRICS, noAmounts } = require('./amounts');
const { startGate } = require('./gate');
const { SumStore } = require('./sum-store');

/** Queries look so far back. A backend of one test has nothing older. */
const RANGE = '2h';

/**
 * What a test of the offline store needs of a backend, whatever the temporality.
 * @typedef {object} StoreBackend
 * @property {'cumulative'|'delta'} temporality
 * @property {object} gate see `startGate`
 * @property {() => Promise<Map<string, object>>} sums the amounts of each process, by its instance id
 * @property {() => Promise<Map<string, object>>} increases the same as `increase()` has them: a fall of a series, or a
 *   second stream of the same process, makes them larger than the sums
 * @property {() => Promise<string[]>} people the values of `enduser.id`
 * @property {() => Map<string, number>} repeated how many intervals of which process have arrived more than once
 * @property {() => Promise<void>} close
 */

/**
 * @param {import('../backends/program').Program & object} program a VictoriaMetrics
 * @returns {Promise<StoreBackend>} for cumulative sums
 */
async function startVictoriaMetrics(program) {
  const backend = await startBackend(program);
  const gate = await startGate(backend.otlpEndpoint);
  const byInstance = async (select) => {
    await backend.settle();
    const amounts = new Map();
    for (const [name, metric] of Object.entries(METRICS)) {
      for (const { metric: { service_instance_id: id }, value } of await backend.query(`sum by (service_instance_id) (${select(prometheusName(metric))})`)) {
        if (!amounts.has(id)) amounts.set(id, noAmounts());
        amounts.get(id)[name] = Number(value[1]);
      }
    }
    return amounts;
  };
  return {
    temporality: 'cumulative',
    gate,
    sums: () => byInstance((metric) => `last_over_time(${metric}[${RANGE}])`),
    increases: () => byInstance((metric) => `increase(${metric}[${RANGE}])`),
    async people() {
      await backend.settle();
      const found = await backend.query(`group by (enduser_id) (last_over_time({enduser_id!=""}[${RANGE}]))`);
      return found.map(({ metric }) => metric.enduser_id);
    },
    repeated: () => new Map(),
    async close() {
      await gate.close();
      await backend.close();
    },
  };
}

/**
 * @param {'cumulative'|'delta'} temporality VictoriaMetrics does not add up delta sums
 * @returns {Promise<StoreBackend>} the test receiver
 */
async function startReceivingBackend(temporality) {
  const store = new SumStore();
  const receiver = await startReceiver({ onRequest: (request) => store.take(request) });
  const gate = await startGate(receiver.endpoint);
  return {
    temporality,
    gate,
    sums: async () => store.sums,
    increases: async () => store.increases,
    people: async () => [...new Set(store.resources.map((resource) => resource['enduser.id']).filter(Boolean))],
    repeated: () => store.repeated,
    async close() {
      await gate.close();
      await receiver.close();
    },
  };
}

/**
 * Every backend of which the tests of the offline store use one, as rows for `describeWith`.
 * @param {Record<string, string|undefined>} env
 * @returns {[string, import('../backends/program').Program[], () => Promise<StoreBackend>][]} title, programs and start
 */
function storeBackends(env) {
  const program = findVictoriaMetrics(env);
  return [
    ['cumulative sums in VictoriaMetrics', [program], () => startVictoriaMetrics(program)],
    ['delta sums in a receiver', [], () => startReceivingBackend('delta')],
  ];
}

module.exports = { startReceivingBackend, storeBackends };
