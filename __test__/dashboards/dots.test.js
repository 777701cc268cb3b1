'use strict';

const { DOTS } = require('../../dashboards/source/names');
const { describeWith } = require('../../testkit/backends/program');
const { METRICS } = require('../../testkit/backends/prometheus-names');
const { startServer } = require('../../testkit/backends/server');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');
const { encodeRequest } = require('../../testkit/otlp/messages');
const { eventually } = require('../../testkit/waiting');

const NAMING = '-opentelemetry.usePrometheusNaming';
const program = findVictoriaMetrics(process.env);

describeWith('a real VictoriaMetrics without Prometheus names', [program], () => {
  let server;

  beforeAll(async () => {
    server = await startServer({ ...program, args: (place) => program.args(place).filter((argument) => argument !== NAMING) });
  }, 60_000);

  afterAll(() => server?.close());

  test('stores all metrics and labels under the names of the build with dots', async () => {
    const answer = await fetch(`${server.base}/opentelemetry/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: encodeRequest(request()) });
    expect(answer.status).toBe(200);
    await fetch(`${server.base}/internal/force_flush`);
    const wanted = METRICS.flatMap(({ otlp, kind }) => (kind === 'histogram' ? ['_bucket', '_count', '_sum'] : ['']).map((part) => DOTS.series(otlp, part))).toSorted();
    const seen = async () => (await (await fetch(`${server.base}/api/v1/label/__name__/values`)).json()).data.filter((name) => name.startsWith('ccxray')).toSorted();
    expect(await eventually(seen, (names) => names.length >= wanted.length)).toEqual(wanted);
    const labels = (await (await fetch(`${server.base}/api/v1/labels`)).json()).data;
    expect(labels).toEqual(expect.arrayContaining(['project.name', 'service.instance.id', 'team', 'ccxray.parser.degraded'].map(DOTS.rawLabel)));
  }, 60_000);
});

/** One point of each metric. */
function request() {
  const timeUnixNano = `${Date.now()}000000`;
  const attributes = [attribute('ccxray.parser.degraded', 'true')];
  const number = { timeUnixNano, attributes, asDouble: 1 };
  const histogram = { timeUnixNano, attributes, count: '1', sum: 1, bucketCounts: ['1', '0'], explicitBounds: [5] };
  const data = {
    counter: { sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [number] } },
    gauge: { gauge: { dataPoints: [number] } },
    histogram: { histogram: { aggregationTemporality: 2, dataPoints: [histogram] } },
  };
  const metrics = METRICS.map(({ otlp, unit, kind }) => Object.assign({ name: otlp, unit }, data[kind]));
  const resource = { attributes: [attribute('project.name', 'shop'), attribute('team', 'payments'), attribute('service.instance.id', 'one')] };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
}

function attribute(key, stringValue) {
  return { key, value: { stringValue } };
}
