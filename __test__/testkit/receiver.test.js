'use strict';

const http = require('node:http');
const zlib = require('node:zlib');

const { encodeRequest } = require('../../testkit/otlp/messages');
const { startReceiver } = require('../../testkit/receiver/receiver');

describe('the receiver', () => {
  let receiver;

  beforeEach(async () => {
    receiver = await startReceiver({ maxBodyBytes: 4096 });
  });

  afterEach(() => receiver.close());

  test('accepts protobuf, gzip and JSON, and answers in the same type', async () => {
    const plain = await post(receiver, encodeRequest(counterRequest(1)), { 'content-type': 'application/x-protobuf' });
    expect(plain).toMatchObject({ status: 200, type: 'application/x-protobuf', body: '' });
    const packed = await post(receiver, zlib.gzipSync(encodeRequest(counterRequest(2))), { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' });
    expect(packed.status).toBe(200);
    const json = await post(receiver, JSON.stringify(counterRequest(3)), { 'content-type': 'application/json' });
    expect(json).toMatchObject({ status: 200, type: 'application/json', body: '{}' });
    expect(receiver.requests).toEqual({ accepted: 3, rejected: 0 });
    expect(receiver.points).toBe(3);
    expect(receiver.lastRequest).toEqual(counterRequest(3));
  });

  test('keeps the first value and the newest point of a series', async () => {
    await send(receiver, counterRequest(0, { time: '100' }));
    await send(receiver, counterRequest(5, { time: '300', attributes: [ATTRIBUTES[1], ATTRIBUTES[0]] }));
    await send(receiver, counterRequest(4, { time: '200' }));
    expect(receiver.series()).toEqual([
      expect.objectContaining({ metric: 'ccxray.sessions_total', kind: 'counter', attributes: { model: 'm', provider: 'p' }, value: 5, first: { value: 0 } }),
    ]);
  });

  test('distinguishes resources', async () => {
    await send(receiver, counterRequest(1, { instance: 'a' }));
    await send(receiver, counterRequest(2, { instance: 'b' }));
    expect(receiver.series().map(({ value }) => value)).toEqual([1, 2]);
  });

  test('reads histograms', async () => {
    const histogram = { dataPoints: [{ timeUnixNano: '1', count: '3', sum: 7.5, bucketCounts: ['1', '2'], explicitBounds: [5] }], aggregationTemporality: 2 };
    await send(receiver, { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'h', unit: 's', histogram }] }] }] });
    expect(receiver.series()).toEqual([
      expect.objectContaining({ kind: 'histogram', unit: 's', count: 3, sum: 7.5, bucketCounts: [1, 2], explicitBounds: [5] }),
    ]);
  });

  const protobuf = { 'content-type': 'application/x-protobuf' };
  test.each([
    ['bytes that are not protobuf', 400, Buffer.from('ffffffffffff', 'hex'), protobuf],
    ['incomplete JSON', 400, '{"resourceMetrics":', { 'content-type': 'application/json' }],
    ['JSON of another type', 400, '{"resourceMetrics":5}', { 'content-type': 'application/json' }],
    ['JSON that is not an object', 400, 'null', { 'content-type': 'application/json' }],
    ['a body that is not gzip', 400, 'plain', { ...protobuf, 'content-encoding': 'gzip' }],
    ['a body over the limit', 413, Buffer.alloc(5000), protobuf],
    ['a small body that decompresses over the limit', 413, zlib.gzipSync(Buffer.alloc(1_000_000)), { ...protobuf, 'content-encoding': 'gzip' }],
    ['an unknown encoding', 415, 'x', { ...protobuf, 'content-encoding': 'br' }],
    ['an unknown type', 415, 'x', { 'content-type': 'text/plain' }],
  ])('rejects %s with %d', async (_, status, body, headers) => {
    expect((await post(receiver, body, headers)).status).toBe(status);
    expect(receiver.requests).toEqual({ accepted: 0, rejected: 1 });
    await send(receiver, counterRequest(1));
    expect(receiver.requests.accepted).toBe(1);
  });

  test('serves no other path and no other method', async () => {
    expect((await post(receiver, 'x', protobuf, '/v1/traces')).status).toBe(404);
    expect((await post(receiver, undefined, {}, '/v1/metrics', 'GET')).status).toBe(405);
  });
});

const ATTRIBUTES = [
  { key: 'model', value: { stringValue: 'm' } },
  { key: 'provider', value: { stringValue: 'p' } },
];

function counterRequest(value, { time = '100', attributes = ATTRIBUTES, instance = 'a' } = {}) {
  const sumData = { dataPoints: [{ attributes, timeUnixNano: time, asInt: String(value) }], aggregationTemporality: 2, isMonotonic: true };
  const metrics = [{ name: 'ccxray.sessions_total', unit: '{session}', sum: sumData }];
  const resource = { attributes: [{ key: 'service.instance.id', value: { stringValue: instance } }] };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
}

function send(receiver, json) {
  return post(receiver, encodeRequest(json), { 'content-type': 'application/x-protobuf' });
}

function post(receiver, body, headers, url = '/v1/metrics', method = 'POST') {
  return new Promise((resolve, reject) => {
    const request = http.request(`${receiver.endpoint}${url}`, { method, headers, agent: false }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], body: text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
