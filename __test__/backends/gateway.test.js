'use strict';

const { startBackend } = require('../../testkit/backends/backend');
const { gatewayConfig } = require('../../testkit/backends/gateway-config');
const { sendForManyUsers } = require('../../testkit/backends/many-users');
const { findOtelcol, startOtelcol } = require('../../testkit/backends/otelcol');
const { describeWith } = require('../../testkit/backends/program');
const { asInBackend, sumsOf } = require('../../testkit/backends/promql');
const { replayFor } = require('../../testkit/backends/replay');
const { findRotel, startRotel } = require('../../testkit/backends/rotel');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { referenceTotals } = require('../../testkit/reference');
const { defaultTurns } = require('../../testkit/fixtures/default-turns');
const { eventually } = require('../../testkit/waiting');

const TURNS = 40;
const USERS = 40;
const ROUNDS = 2;
/** The rounds have times one second apart, beginning with that of the request. */
const LATER_S = 60;
const ARRIVAL_MS = 60_000;

const GATEWAYS = [
  ['rotel', findRotel(process.env), (program, target) => startRotel(program, target), { isOptional: false }],
  ['a Collector', findOtelcol(process.env), (program, target) => startOtelcol(program, (ports) => gatewayConfig(ports, target)), { isOptional: true }],
];

for (const [title, program, start, { isOptional }] of GATEWAYS) {
  describeWith(`many users through ${title}`, [program, findVictoriaMetrics(process.env)], () => {
    let backend;
    let sent;

    beforeAll(async () => {
      backend = await startBackend(findVictoriaMetrics(process.env));
      const request = await requestOfOne();
      const gateway = await start(program, backend.otlpEndpoint);
      sent = await sendForManyUsers(gateway.endpoints.http, request, { users: USERS, rounds: ROUNDS });
      await eventually(() => instancesAt(backend), (instances) => instances === USERS, ARRIVAL_MS);
      await gateway.close();
      await backend.settle();
    }, 180_000);
    afterAll(() => backend?.close());

    test('are all accepted', () => {
      expect(sent).toMatchObject({ requests: USERS * ROUNDS, refused: 0 });
    });

    test('have the exact sums at the backend', async () => {
      const wrong = [];
      for (const { query, sum, tolerance } of sumsOf(asInBackend(referenceTotals(defaultTurns({ turns: TURNS }))))) {
        const [answer] = await backend.query(query.replace(/\((.*)\)/, '(last_over_time($1[1h]))'), Date.now() / 1000 + LATER_S);
        const actual = Number(answer?.value[1] ?? 0);
        if (!(Math.abs(actual - USERS * sum) <= USERS * tolerance)) wrong.push({ query, expected: USERS * sum, actual });
      }
      expect(wrong).toEqual([]);
    });
  }, { isOptional });
}

/** How many users the backend knows. A gateway that ends may give up what it holds, so the test waits for them. */
async function instancesAt(backend) {
  await backend.settle();
  const [answer] = await backend.query('count(count by (service_instance_id) (last_over_time(ccxray_cost_usd_total[1h])))', Date.now() / 1000 + LATER_S);
  return Number(answer?.value[1] ?? 0);
}

async function requestOfOne() {
  const receiver = await startReceiver();
  await replayFor({ enabled: true, tier: 1, endpoint: receiver.endpoint, interval_seconds: 3600, project: 'shop', team: 'payments' }, { turns: TURNS, flushes: 1 });
  await receiver.close();
  return receiver.lastRequest;
}
