'use strict';

const { startBackend } = require('../../testkit/backends/backend');
const { gatewayConfig } = require('../../testkit/backends/gateway-config');
const { findOtelcol, startOtelcol } = require('../../testkit/backends/otelcol');
const { describeWith } = require('../../testkit/backends/program');
const { findPrometheusWithOtlp } = require('../../testkit/backends/prometheus');
const { PROTOCOLS, combinationsOf } = require('../../testkit/backends/protocols');
const { asInBackend, totalsOfVector } = require('../../testkit/backends/promql');
const { replayFor } = require('../../testkit/backends/replay');
const { findRotel, startRotel } = require('../../testkit/backends/rotel');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');
const { BackendSeries } = require('../../testkit/faults/backend-series');
const { differences, totalsOf } = require('../../testkit/otlp/totals');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { referenceTotals } = require('../../testkit/reference');
const { defaultTurns } = require('../../testkit/fixtures/default-turns');

/** Enough for every wire and kind of agent, and for several intervals with delta temporality. */
const TURNS = 120;
const FLUSHES = 3;

const expected = () => referenceTotals(defaultTurns({ turns: TURNS }));
const projectOf = ({ protocol, temporality, compression }) => `${protocol.replace('/', '-')}-${temporality}-${compression}`;

/** Replays the turns once for each combination, one after another. */
async function replayAll(combinations, endpointOf) {
  const outcomes = new Map();
  for (const combination of combinations) {
    const project = projectOf(combination);
    const otel = { enabled: true, tier: 1, endpoint: endpointOf(combination), interval_seconds: 3600, project, ...combination };
    outcomes.set(project, await replayFor(otel, { turns: TURNS, flushes: FLUSHES }));
  }
  return outcomes;
}

function isDelivered({ delivered, status }) {
  expect(delivered).toEqual(Array(FLUSHES).fill(true));
  expect(status.exports).toMatchObject({ failed: 0, backlog: { requests: 0 } });
}

describeWith('VictoriaMetrics', [findVictoriaMetrics(process.env)], () => {
  const combinations = combinationsOf(['http/protobuf']);
  let backend;
  let outcomes;

  beforeAll(async () => {
    backend = await startBackend(findVictoriaMetrics(process.env));
    outcomes = await replayAll([...combinations, { protocol: 'http/json', temporality: 'cumulative', compression: 'gzip' }], () => backend.otlpEndpoint);
    await backend.settle();
  }, 300_000);
  afterAll(() => backend?.close());

  test.each(combinations)('has the exact totals with $protocol, $temporality, $compression', async (combination) => {
    isDelivered(outcomes.get(projectOf(combination)));
    const of = `{__name__=~"ccxray_.+",project_name="${projectOf(combination)}"}`;
    const sums = await backend.query(combination.temporality === 'delta' ? `sum_over_time(${of}[1h]) keep_metric_names` : of);
    const totals = asInBackend(expected());
    expect(totals.counters.size).toBeGreaterThan(15);
    expect(differences(totals, totalsOfVector(sums, totals))).toEqual([]);
  });

  test('refuses http/json', () => {
    const { delivered, status } = outcomes.get('http-json-cumulative-gzip');
    expect(delivered).toEqual(Array(FLUSHES).fill(false));
    expect(status.exports.lastError).toContain('HTTP 400');
  });
});

describeWith('a Prometheus with an OTLP receiver', [findPrometheusWithOtlp(process.env)], () => {
  const combinations = combinationsOf(PROTOCOLS.filter((protocol) => protocol !== 'grpc'));
  let backend;
  let outcomes;

  beforeAll(async () => {
    backend = await startBackend(findPrometheusWithOtlp(process.env));
    outcomes = await replayAll(combinations, () => backend.otlpEndpoint);
  }, 300_000);
  afterAll(() => backend?.close());

  test.each(combinations)('takes $protocol, $temporality, $compression, and has cumulative numbers only', async (combination) => {
    isDelivered(outcomes.get(projectOf(combination)));
    const vector = await backend.query(`{__name__=~"ccxray_.+",project_name="${projectOf(combination)}"}`);
    const totals = asInBackend(expected());
    const actual = totalsOfVector(vector, totals);
    if (combination.temporality === 'delta') expect([actual.counters.size, actual.histograms.size]).toEqual([0, 0]);
    else expect(differences(totals, actual)).toEqual([]);
  });
}, { isOptional: true });

const COLLECTORS = [
  ['rotel', findRotel(process.env), startRotel, PROTOCOLS.filter((protocol) => protocol !== 'http/json'), { isOptional: false }],
  ['a Collector', findOtelcol(process.env), (program, target) => startOtelcol(program, (ports) => gatewayConfig(ports, target)), PROTOCOLS, { isOptional: true }],
];

for (const [title, program, start, protocols, options] of COLLECTORS) {
  describeWith(title, [program], () => {
    const combinations = combinationsOf(protocols);
    let forwarded;

    beforeAll(async () => {
      forwarded = await forwardAll(program, start, combinations);
    }, 300_000);

    test.each(combinations)('forwards the exact totals with $protocol, $temporality, $compression', (combination) => {
      const { outcome, series, overlaps } = forwarded.get(projectOf(combination));
      isDelivered(outcome);
      expect(overlaps).toEqual([]);
      const [wanted, totals] = [expected(), totalsOf(series)];
      for (const { gauges } of [wanted, totals]) gauges.clear();
      expect(differences(wanted, totals)).toEqual([]);
    });
  }, options);
}

describeWith('rotel with http/json', [findRotel(process.env)], () => {
  // OTLP/JSON writes 64-bit numbers as strings. This rotel expects JSON numbers, and answers 200 all the same.
  test('loses every whole number', async () => {
    const json = { protocol: 'http/json', temporality: 'cumulative', compression: 'gzip' };
    const { outcome, series } = (await forwardAll(findRotel(process.env), startRotel, [json])).get(projectOf(json));
    isDelivered(outcome);
    const { counters, histograms } = totalsOf(series);
    const above0 = [...counters].filter(([, values]) => [...values.values()].some((value) => value > 0));
    expect(above0.map(([metric]) => metric)).toEqual(['ccxray.cost.usd_total']);
    expect(histograms.size).toBe(0);
  }, 120_000);
});

/** What a collector forwards to a receiver for each combination, by project. */
async function forwardAll(program, start, combinations) {
  const stores = new Map();
  const receiver = await startReceiver({ onRequest: (request) => takeByProject(stores, request) });
  const collector = await start(program, receiver.endpoint);
  const outcomes = await replayAll(combinations, ({ protocol }) => collector.endpoints[protocol === 'grpc' ? 'grpc' : 'http']);
  await collector.close();
  await receiver.close();
  return new Map(Array.from(outcomes, ([project, outcome]) => {
    const store = stores.get(project) ?? new BackendSeries();
    return [project, { outcome, series: store.series(), overlaps: store.overlaps }];
  }));
}

/** A collector puts the data of several senders into one request. */
function takeByProject(stores, { resourceMetrics = [] }) {
  for (const one of resourceMetrics) {
    const project = one.resource.attributes.find(({ key }) => key === 'project.name').value.stringValue;
    if (!stores.has(project)) stores.set(project, new BackendSeries());
    stores.get(project).take({ resourceMetrics: [one] });
  }
}
