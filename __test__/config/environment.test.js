'use strict';

const http = require('node:http');

const addon = require('../..');
const { turn } = require('../../testkit/entries/turn');
const { projects } = require('../../testkit/scratch/projects');

/*
 * Variables of OpenTelemetry that users set for this package, or for another program in the same shell.
 */

const { options } = projects();
const OF_ANOTHER_PROGRAM = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20another',
  OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
  OTEL_METRICS_EXPORTER: 'console',
  OTEL_SERVICE_NAME: 'another',
};

let server;
let requests;
/** The status of all answers. */
let answer;

beforeEach(async () => {
  [requests, answer] = [[], 200];
  server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      requests.push({ url: request.url, headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(answer, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(async () => {
  await addon.shutdown(1);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

const base = () => `http://127.0.0.1:${server.address().port}`;
/** The environment of a user who sends JSON that a test can read. */
const own = (env) => ({ CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: base(), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_COMPRESSION: 'none', ...env });

/** Exports one turn. */
async function exported(given) {
  addon.init(given);
  addon.record(turn());
  return addon.flush(5000);
}

function metrics() {
  return requests.flatMap(({ body }) => JSON.parse(body).resourceMetrics[0].scopeMetrics[0].metrics);
}

function sourceOf(name) {
  const { value, source } = addon.status().settings.find((setting) => setting.name === name) ?? {};
  return [value, source];
}

describe('what the environment sets for another program', () => {
  test('does not reach the endpoint of a project', async () => {
    const config = { tier: 1, endpoint: base(), protocol: 'http/json', compression: 'none' };
    expect(await exported(options(config, OF_ANOTHER_PROGRAM))).toBe(true);
    for (const { url, headers } of requests) expect([url, headers['content-type'], headers.authorization]).toEqual(['/v1/metrics', 'application/json', undefined]);
    const sums = metrics().filter((metric) => metric.sum);
    expect(new Set(sums.map(({ sum }) => sum.aggregationTemporality))).toEqual(new Set([2]));
    expect(metrics().some((metric) => metric.exponentialHistogram)).toBe(false);
    expect(JSON.parse(requests[0].body).resourceMetrics[0].resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'ccxray' } });
    expect(sourceOf('temporality')).toEqual(['cumulative', 'default']);
    expect(sourceOf('timeout_seconds')).toEqual(['10', 'default']);
    expect(addon.status().warnings).toEqual([]);
  });

  test('is refused in one line that names the variable and the cure, if it is no protocol', () => {
    expect(() => addon.init(options(undefined, own({ OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift' })))).toThrow(
      /^environment: OTEL_EXPORTER_OTLP_PROTOCOL: "thrift" is not supported\. Use .+\. If another program needs this value, set OTEL_EXPORTER_OTLP_METRICS_PROTOCOL too\.$/,
    );
  });

  test('gives way to the variable for metrics', async () => {
    expect(await exported(options(undefined, own({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' })))).toBe(true);
    expect(sourceOf('protocol')).toEqual(['http/json', 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL']);
  });

  test('is warned of, if it is the usual port of gRPC', () => {
    addon.init(options(undefined, { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf' }));
    expect(addon.status().warnings).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT: the endpoint has port 4317, which is usually for gRPC, and the protocol is http/protobuf. For http/protobuf use port 4318, for port 4317 the protocol grpc.',
    ]);
  });
});

describe('headers of the environment arrive', () => {
  const BASIC = { authorization: 'Basic dXNlcjpwdw==' };
  test.each([
    ['percent-encoded', { HEADERS: 'Authorization=Basic%20dXNlcjpwdw==' }, BASIC],
    ['with a blank', { HEADERS: 'Authorization=Basic dXNlcjpwdw==' }, BASIC],
    ['fully percent-encoded', { HEADERS: 'Authorization=Basic%20dXNlcjpwdw%3D%3D' }, BASIC],
    ['with blanks around commas', { HEADERS: ' x-tenant=a , Authorization = Basic%20dXNlcjpwdw== ' }, { ...BASIC, 'x-tenant': 'a' }],
    ['with a comma at the end', { HEADERS: 'Authorization=Basic%20dXNlcjpwdw==,' }, BASIC],
    ['those for metrics alone', { HEADERS: 'Authorization=Bearer%20other,x-tenant=a', METRICS_HEADERS: 'Authorization=Basic%20dXNlcjpwdw==' }, { ...BASIC, 'x-tenant': undefined }],
  ])('%s', async (_, headers, expected) => {
    const env = Object.fromEntries(Object.entries(headers).map(([name, value]) => [`OTEL_EXPORTER_OTLP_${name}`, value]));
    expect(await exported(options(undefined, own(env)))).toBe(true);
    for (const { headers: sent } of requests) expect(Object.fromEntries(Object.keys(expected).map((name) => [name, sent[name]]))).toEqual(expected);
  });

  test.each([
    [401, 'Authorization=Basic%2520aHVudGVyMg', ' It is percent-encoded twice, or in a file, where it must not be.'],
    [401, 'Authorization=hunter2', ' It has no scheme such as "Bearer" or "Basic" before it.'],
    [401, 'Authorization=Bearer%20hunter2', ''],
    [403, 'Authorization=Bearer%20hunter2', ' It may not be allowed to write metrics.'],
  ])('and status %i to %s is explained without the value', async (status, OTEL_EXPORTER_OTLP_HEADERS, cause) => {
    answer = status;
    expect(await exported(options(undefined, own({ OTEL_EXPORTER_OTLP_HEADERS })))).toBe(false);
    expect(addon.status().exports.lastError).toBe(`the backend answered HTTP ${status}: the token in OTEL_EXPORTER_OTLP_HEADERS was rejected.${cause}`);
    expect(JSON.stringify(addon.status())).not.toMatch(/hunter2|aHVudGVyMg/);
  });
});

describe('the path of a request', () => {
  test.each([
    ['', '/v1/metrics'],
    ['/', '/v1/metrics'],
    ['/v1/metrics', '/v1/metrics'],
    ['/v1/metrics/', '/v1/metrics'],
    ['/otlp', '/otlp/v1/metrics'],
    ['/api/v1/otlp/', '/api/v1/otlp/v1/metrics'],
    ['/v1/metrics?tenant=x', '/v1/metrics?tenant=x'],
    ['/otlp?x=y', '/otlp/v1/metrics?x=y'],
    ['/otelv1/metrics', '/otelv1/metrics/v1/metrics'],
  ])('to a project\'s endpoint with %j is %s', async (written, path) => {
    expect(await exported(options({ tier: 1, endpoint: base() + written }))).toBe(true);
    expect(new Set(requests.map(({ url }) => url))).toEqual(new Set([path]));
  });

  test('keeps a token in the query, which a project\'s file can have only as a variable', async () => {
    expect(await exported(options({ tier: 1, endpoint: `${base()}/v1/metrics?token=\${TOKEN}` }, { CCXRAY_OTEL_TRUST: '1', TOKEN: 'x' }))).toBe(true);
    expect(new Set(requests.map(({ url }) => url))).toEqual(new Set(['/v1/metrics?token=x']));
    expect(() => addon.inspect(options({ tier: 1, endpoint: `${base()}/v1/metrics?token=x` }))).toThrow('This looks like a real key in the query of a URL.');
  });

  test.each(['/otlp', '/v1/metrics/', '/?x=y'])('of the endpoint for metrics stays %s', async (path) => {
    expect(await exported(options(undefined, own({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: base() + path })))).toBe(true);
    expect(new Set(requests.map(({ url }) => url))).toEqual(new Set([path]));
  });

  test.each([
    [404, '/api/v1/write', 'This is a path for remote write. OTLP has another one: Prometheus /api/v1/otlp, VictoriaMetrics /opentelemetry, Mimir /otlp'],
    [400, '/otlp/v1/logs', 'This is a path for logs. Metrics have another one: Grafana Cloud and Mimir /otlp, Prometheus /api/v1/otlp'],
    [405, '/api/v1/otlp', 'Prometheus takes OTLP only with --web.enable-otlp-receiver'],
  ])('is corrected after status %i at %s', async (status, path, cure) => {
    answer = status;
    expect(await exported(options({ tier: 1, endpoint: base() + path }))).toBe(false);
    expect(addon.status().exports.lastError).toBe(`the backend answered HTTP ${status} at ${path}/v1/metrics. ${cure}`);
  });
});

describe('OTEL_METRICS_EXPORTER', () => {
  test('none turns everything off', async () => {
    const status = addon.init(options({ tier: 1, endpoint: base() }, { OTEL_METRICS_EXPORTER: 'none' }));
    expect(status).toMatchObject({ state: 'disabled', reason: 'Telemetry is off: OTEL_METRICS_EXPORTER is none. To allow it: set it to otlp, or unset it' });
    expect(addon.record(turn())).toBe(false);
  });

  test('console alone sends nothing to the endpoint of the environment', async () => {
    const status = addon.init(options(undefined, own({ OTEL_METRICS_EXPORTER: 'console' })));
    expect(status).toMatchObject({ state: 'degraded', reason: expect.stringMatching(/^environment: OTEL_METRICS_EXPORTER: "console" is not an exporter of ccxray\. To send metrics, add otlp\./) });
    addon.record(turn());
    await addon.flush(1000);
    expect(requests).toEqual([]);
  });

  test('console beside otlp sends', async () => {
    expect(await exported(options(undefined, own({ OTEL_METRICS_EXPORTER: 'console,otlp' })))).toBe(true);
  });
});

test('the environment chooses service name, temporality and buckets of its own endpoint', async () => {
  const env = { OTEL_SERVICE_NAME: 'agents', OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'lowmemory', OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram' };
  addon.init(options(undefined, own(env)));
  addon.record(turn({ elapsed: '1.5' }));
  expect(await addon.flush(5000)).toBe(true);
  expect(JSON.parse(requests[0].body).resourceMetrics[0].resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'agents' } });
  const all = metrics();
  expect(all.filter((metric) => metric.histogram)).toEqual([]);
  const histograms = all.filter((metric) => metric.exponentialHistogram);
  expect(histograms.length).toBeGreaterThan(0);
  for (const { exponentialHistogram, sum } of all) expect((exponentialHistogram ?? sum)?.aggregationTemporality ?? 1).toBe(1);
  for (const { exponentialHistogram } of histograms) {
    for (const { count, positive, zeroCount = '0' } of exponentialHistogram.dataPoints) {
      const inBuckets = (positive?.bucketCounts ?? []).reduce((total, bucket) => total + Number(bucket), Number(zeroCount));
      expect(inBuckets).toBe(Number(count));
    }
  }
});

test('project and team on data points are masked in a preview, if they are from a variable', () => {
  const config = { tier: 1, endpoint: base(), project: '${SECRET}', team: 'payments', project_labels: true };
  addon.init(options(config, { CCXRAY_OTEL_TRUST: '1', SECRET: 'hunter2' }));
  addon.record(turn());
  const preview = JSON.parse(addon.preview());
  const cost = preview.resourceMetrics[0].scopeMetrics[0].metrics.find(({ name }) => name.startsWith('ccxray.tokens.'));
  const attributes = Object.fromEntries(cost.sum.dataPoints[0].attributes.map(({ key, value }) => [key, value.stringValue]));
  expect(attributes).toMatchObject({ project: '***', team: 'payments' });
  expect(JSON.stringify(preview)).not.toContain('hunter2');
});
