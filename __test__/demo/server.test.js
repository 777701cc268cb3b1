'use strict';

const { EventEmitter } = require('node:events');
const http = require('node:http');

const { DataClock } = require('../../demo/clock');
const codec = require('../../demo/built/otlp.js');
const { Feed } = require('../../demo/receiver/feed');
const { isFromBrowser, refusal } = require('../../demo/server/guard');
const { DemoServer } = require('../../demo/server/server');
const { Stream } = require('../../demo/server/stream');
const { MetricStore } = require('../../demo/store');
const { encodeRequest } = require('../../testkit/otlp/messages');
const { eventually } = require('../../testkit/waiting');

const OWN_MS = Date.now() - 86_400_000;

describe('a request', () => {
  test.each([
    ['to 127.0.0.1', { host: '127.0.0.1:4319' }, false],
    ['to localhost', { host: 'localhost:4319' }, false],
    ['of the page itself', { host: '127.0.0.1:4319', origin: 'http://127.0.0.1:4319', 'sec-fetch-site': 'same-origin' }, false],
    ['to a name that was given this address', { host: 'evil.example:4319' }, true],
    ['to another port', { host: '127.0.0.1:80' }, true],
    ['without a host', {}, true],
    ['of another site', { host: '127.0.0.1:4319', origin: 'https://evil.example' }, true],
    ['of a sandboxed page', { host: '127.0.0.1:4319', origin: 'null' }, true],
    ['of another port of this machine', { host: '127.0.0.1:4319', origin: 'http://127.0.0.1:8080' }, true],
    ['through a link of another site', { host: '127.0.0.1:4319', 'sec-fetch-site': 'cross-site' }, true],
  ])('%s is judged by its headers', (_, headers, isRefused) => {
    expect(refusal(headers, 4319) !== undefined).toBe(isRefused);
  });

  test('of an exporter has no header of a browser', () => {
    expect(isFromBrowser({ host: '127.0.0.1:4319', 'user-agent': 'OTel' })).toBe(false);
    expect(isFromBrowser({ 'sec-fetch-site': 'none' })).toBe(true);
  });
});

describe('the server', () => {
  let server;
  let store;
  let feed;

  beforeEach(async () => {
    store = new MetricStore();
    feed = new Feed({ store, clock: new DataClock() });
    const assets = new Map([['', { body: Buffer.from('<p>page</p>'), type: 'text/html; charset=utf-8' }]]);
    server = new DemoServer({ store, feed, assets, codec, hello: () => ({ version: '1' }), state: () => ({ isDone: false }), privacy: () => ({ turns: 1 }), ownTimeMs: () => OWN_MS });
    await server.listen(0);
  });

  afterEach(() => server.close());

  test('serves the page only below its token', async () => {
    expect(await get(server.url)).toMatchObject({ status: 200, body: '<p>page</p>' });
    expect(await get(`${server.endpoint}/`)).toMatchObject({ status: 404 });
    expect(await get(`${server.endpoint}/${'0'.repeat(32)}/`)).toMatchObject({ status: 404 });
    expect(await get(`${server.url}missing.js`)).toMatchObject({ status: 404 });
    expect(await get(`${server.url}../../package.json`)).toMatchObject({ status: 404 });
  });

  test('sends the headers of a strict page with every answer', async () => {
    for (const url of [server.url, `${server.endpoint}/`]) {
      const { headers } = await get(url);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    }
  });

  test.each([
    ['protobuf', 'application/x-protobuf', (json) => encodeRequest(json)],
    ['JSON', 'application/json', (json) => JSON.stringify(json)],
  ])('takes metrics of any exporter as %s', async (_, type, encoded) => {
    expect(await post(`${server.endpoint}/v1/metrics`, encoded(counter(7)), { 'content-type': type })).toMatchObject({ status: 200 });
    expect(store.series()).toMatchObject([{ metric: 'any.metric', kind: 'counter' }]);
    expect(feed.requests).toEqual({ accepted: 1, rejected: 0 });
  });

  test('dates what its own exporter sends', async () => {
    await post(`${server.ownEndpoint}/v1/metrics`, JSON.stringify(counter(7)), { 'content-type': 'application/json' });
    expect(store.latest(0)).toEqual({ timeMs: OWN_MS, value: 7 });
  });

  test.each([
    ['of a browser', { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }, '{}', 403],
    ['of another site', { 'content-type': 'application/json', origin: 'https://evil.example' }, '{}', 403],
    ['that are text', { 'content-type': 'text/plain' }, '{}', 415],
    ['that are not OTLP', { 'content-type': 'application/x-protobuf' }, 'not protobuf', 400],
    ['that are not gzip', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, '{}', 400],
  ])('rejects metrics %s, and counts them', async (_, headers, body, status) => {
    expect(await post(`${server.endpoint}/v1/metrics`, body, headers)).toMatchObject({ status });
    expect(feed.requests).toEqual({ accepted: 0, rejected: 1 });
  });

  test('streams what the store has, and then what is added', async () => {
    await post(`${server.endpoint}/v1/metrics`, JSON.stringify(counter(7)), { 'content-type': 'application/json' });
    const stream = listen(`${server.url}api/stream`);
    await eventually(stream.events, (events) => events.includes('ready'));
    await post(`${server.endpoint}/v1/metrics`, JSON.stringify(counter(9)), { 'content-type': 'application/json' });
    await eventually(() => stream.text, (text) => text.includes('[[0,2]]'));
    expect(stream.events().slice(0, 4)).toEqual(['hello', 'series', 'points', 'ready']);
    expect(stream.text).toContain('[[0,7]]');
    stream.end();
  });

  test('sends the state every second', async () => {
    const stream = listen(`${server.url}api/stream`);
    await eventually(stream.events, (events) => events.filter((event) => event === 'state').length > 1);
    expect(stream.text).toContain('data: {"isDone":false}');
    stream.end();
  });

  test('serves eight pages at most', async () => {
    const streams = Array.from({ length: 8 }, () => listen(`${server.url}api/stream`));
    await eventually(() => streams.map((stream) => stream.events()), (all) => all.every((events) => events.includes('ready')));
    expect(await get(`${server.url}api/stream`)).toMatchObject({ status: 503, body: '8 pages are open already. Close one.\n' });
    for (const stream of streams) stream.end();
    // The server notices only after a moment that a page has gone.
    await eventually(async () => {
      const next = listen(`${server.url}api/stream`);
      await eventually(() => next.isAnswered, Boolean);
      next.end();
      return next.events().includes('ready');
    }, Boolean);
  });

  test('moves to the next free port', async () => {
    const other = new DemoServer({ store, feed, assets: new Map(), codec });
    await other.listen(server.port);
    try {
      expect(other.port).toBeGreaterThan(server.port);
    } finally {
      await other.close();
    }
  });
});

test('a page that takes nothing of the snapshot is disconnected', async () => {
  const response = Object.assign(new EventEmitter(), {
    writableNeedDrain: true, writableLength: 0, destroyed: false, write() {},
    destroy() {
      this.destroyed = true;
      this.emit('close');
    },
  });
  const store = new MetricStore();
  store.add(store.define({ metric: 'm', kind: 'counter' }), Date.now(), 1);
  let add;
  const feed = { series: [], watch: (listener) => { add = listener; return () => {}; } };
  const done = new Stream(response).run({}, { store, feed });
  const data = 'x'.repeat(1 << 20);
  for (let count = 0; count < 63; count += 1) add('points', data);
  expect(response.destroyed).toBe(false);
  for (let count = 0; count < 2; count += 1) add('points', data);
  expect(response.destroyed).toBe(true);
  await done;
});

function counter(value) {
  const point = { asInt: String(value), startTimeUnixNano: `${Date.now() + 1000}000000`, timeUnixNano: `${Date.now()}000000` };
  return { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'any.metric', sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ ...point, startTimeUnixNano: START }] } }] }] }] };
}

/** The process of the exporter began after the server did. */
const START = `${Date.now() + 60_000}000000`;

function get(url) {
  return answerOf(http.get(url));
}

function post(url, body, headers) {
  const request = http.request(url, { method: 'POST', headers });
  request.end(body);
  return answerOf(request);
}

function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
  });
}

/** Reads server-sent events. */
function listen(url) {
  const stream = { text: '', isAnswered: false, events: () => Array.from(stream.text.matchAll(/^event: (\w+)$/gm), ([, event]) => event), end: () => request.destroy() };
  const request = http.get(url, (response) => {
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      stream.text += chunk;
      stream.isAnswered = stream.text.includes('event: ready') || response.statusCode !== 200;
    });
    response.on('error', () => {});
  });
  request.on('error', () => {});
  return stream;
}
