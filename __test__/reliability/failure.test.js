'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { startReceiver } = require('../../testkit/receiver/receiver');
const addon = require('../..');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { projects } = require('../../testkit/scratch/projects');
const { sumOf, turn, TURNS } = require('../../testkit/entries/turn');
const { eventually } = require('../../testkit/waiting');

jest.setTimeout(20_000);

/** How long a shutdown may take, and what a loaded machine may add to it. */
const SHUTDOWN_LIMIT_MS = 2000 + 700;
/** A query and a header, which must not appear in messages. */
const SECRETS = ['qu3ry', 'h3ader'];
const [QUERY, HEADER] = SECRETS;

const { project, options, switchedOn } = projects();
const collectors = badCollectors();
const receivers = [];

beforeAll(() => addon.shutdown(1));

afterEach(async () => {
  await addon.shutdown(1);
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

async function collector(onRequest) {
  const receiver = await startReceiver({ onRequest });
  receivers.push(receiver);
  return receiver;
}

/** `init` options with a secret in the URL and one in the headers. */
function withSecrets(endpoint, env = {}) {
  const url = `${endpoint}/?token=${QUERY}`;
  return switchedOn(url, { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${HEADER}`, ...env });
}

describe('a faulty collector', () => {
  /** How to start it, and the error in the status. */
  const rows = [
    ['refuses the connection', () => collectors.refused(), /connection/],
    ['hangs after it accepted', () => collectors.hanging(), /in time/],
    ['hangs within its answer', () => collectors.hangingWithinAnswer(), /in time/],
    ['closes the connection', () => collectors.hangingUp(), /connection/],
    ['does not speak HTTP', () => collectors.speakingNoHttp(), /./],
    ['answers 500', () => collectors.status(500), /\b500\b/],
    ['answers 503 with a Retry-After of an hour', () => collectors.status(503, { 'retry-after': '3600' }), /\b503\b/],
    ['answers 429', () => collectors.status(429), /\b429\b/],
    ['answers 400', () => collectors.status(400), /\b400\b/],
    ['answers 401', () => collectors.status(401), /\b401\b/],
    ['answers 204', () => collectors.status(204), null],
    ['answers 100 MB', () => collectors.talkative(), /too large/],
    ['answers 200 and garbage', () => collectors.garbage(), null],
  ];

  test.each(rows)('that %s is in the status and delays nothing', async (_, start, error) => {
    const status = addon.init(withSecrets(await start()));
    expect(status.state).toBe('active');
    expect(addon.record(turn())).toBe(true);
    const flushed = addon.flush(400);
    const before = performance.now();
    expect(addon.record(turn())).toBe(true);
    addon.status();
    expect(performance.now() - before).toBeLessThan(100);
    expect(await flushed).toBe(error === null);

    const { exports, reason, entries } = addon.status();
    if (error === null) {
      expect(exports).toMatchObject({ attempted: 1, delivered: 1, failed: 0 });
    } else {
      expect(exports).toMatchObject({ attempted: 1, delivered: 0, failed: 1, consecutiveFailures: 1, lastFailureAtMs: expect.any(Number) });
      expect(exports.lastError).toMatch(error);
      expect(reason).toBe(exports.lastError);
    }
    expect(entries).toMatchObject({ accepted: 2, rejected: 0 });

    const begun = performance.now();
    await addon.shutdown();
    expect(performance.now() - begun).toBeLessThan(SHUTDOWN_LIMIT_MS);
    expect(addon.status().entries).toMatchObject({ accepted: 2, processed: 2, queued: 0 });
    for (const text of [JSON.stringify(addon.status()), addon.preview()]) {
      expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
    }
  });

  test('is in the status without a flush', async () => {
    addon.init(withSecrets(await collectors.status(500), { OTEL_METRIC_EXPORT_INTERVAL: '1000' }));
    addon.record(turn());
    const { state, exports } = await eventually(() => addon.status(), (status) => status.exports.failed > 0);
    expect({ state, lastError: exports.lastError }).toEqual({ state: 'active', lastError: expect.stringContaining('500') });
  });

  test('gets no requests after five failures', async () => {
    let requests = 0;
    const endpoint = await collectors.answering((response) => {
      requests += 1;
      response.writeHead(400).end();
    });
    addon.init(withSecrets(endpoint));
    addon.record(turn());
    for (let i = 0; i < 8; i += 1) expect(await addon.flush(500)).toBe(false);
    expect(addon.status()).toMatchObject({ state: 'circuit_open', exports: { failed: 5, consecutiveFailures: 5 } });
    expect(requests).toBe(5);
  });

  test('that recovers gets everything', async () => {
    let well = false;
    const receiver = await collector(() => {
      if (!well) throw new Error('not yet');
    });
    addon.init(switchedOn(receiver.endpoint));
    addon.record(turn());
    expect(await addon.flush(300)).toBe(false);
    well = true;
    addon.record(turn());
    expect(await addon.flush()).toBe(true);
    expect(sumOf(receiver.series(), TURNS)).toBe(2);
    expect(addon.status()).toMatchObject({ state: 'active', exports: { delivered: 1, failed: 1, consecutiveFailures: 0 } });
    expect(addon.status().reason).toBeUndefined();
  });
});

describe('a redirect is not followed', () => {
  test.each([301, 302, 303, 307, 308])('%d', async (status) => {
    let elsewhere = 0;
    const other = await collectors.raw((socket) => {
      elsewhere += 1;
      socket.destroy();
    });
    addon.init(withSecrets(await collectors.status(status, { location: `${other}/v1/metrics` })));
    addon.record(turn());
    expect(await addon.flush(500)).toBe(false);
    expect(addon.status().exports.lastError).toContain(String(status));
    await addon.shutdown(200);
    expect(elsewhere).toBe(0);
  });
});

describe('while the collector of one project hangs', () => {
  test('another project is exported on schedule', async () => {
    const { bank, cwd } = await hangingAndWell();
    addon.record(turn());
    expect(addon.record(turn(), { cwd })).toBe(true);
    await eventually(() => sumOf(bank.series(), TURNS), (turns) => turns === 1, 2500);
    addon.record(turn(), { cwd });
    await eventually(() => sumOf(bank.series(), TURNS), (turns) => turns === 2, 2500);
    expect(addon.status()).toMatchObject({ project: 'shop', exports: { delivered: 0 } });
    expect(addon.status(cwd)).toMatchObject({ project: 'bank', exports: { failed: 0 } });
    expect(new Set(bank.series().map(({ resource }) => resource['project.name']))).toEqual(new Set(['bank']));
  });

  test('a shutdown delivers the other project in time', async () => {
    const { bank, cwd } = await hangingAndWell();
    for (let i = 0; i < 10; i += 1) {
      addon.record(turn());
      addon.record(turn(), { cwd });
    }
    const begun = performance.now();
    await addon.shutdown();
    expect(performance.now() - begun).toBeLessThan(SHUTDOWN_LIMIT_MS);
    expect(sumOf(bank.series(), TURNS)).toBe(10);
  });
});

test('a shutdown does not wait for a hanging flush', async () => {
  addon.init(switchedOn(await collectors.hanging()));
  addon.record(turn());
  const flushed = addon.flush(15_000);
  await eventually(() => addon.status().entries.processed, (processed) => processed === 1, 2500);
  const begun = performance.now();
  await addon.shutdown();
  expect(performance.now() - begun).toBeLessThan(SHUTDOWN_LIMIT_MS);
  expect(await flushed).toBe(false);
  expect(performance.now() - begun).toBeLessThan(SHUTDOWN_LIMIT_MS);
});

test('a flush ends at its own deadline', async () => {
  addon.init(switchedOn(await collectors.hanging()));
  addon.record(turn());
  void addon.flush(5000);
  const begun = performance.now();
  expect(await addon.flush(300)).toBe(false);
  expect(performance.now() - begun).toBeLessThan(1500);
});

test('many flushes at once do not starve a slow collector', async () => {
  const good = await collector();
  addon.init(switchedOn(await collectors.slow(good.endpoint, 80)));
  addon.record(turn());
  const flushes = [];
  for (let i = 0; i < 20; i += 1) {
    flushes.push(addon.flush(5000));
    await sleep(20);
  }
  expect(await Promise.all(flushes)).toEqual(flushes.map(() => true));
  expect(sumOf(good.series(), TURNS)).toBe(1);
});

test('a shutdown waits for a slow collector', async () => {
  const good = await collector();
  addon.init(switchedOn(await collectors.slow(good.endpoint, 150)));
  addon.record(turn());
  await addon.shutdown();
  expect(sumOf(good.series(), TURNS)).toBe(1);
});

test('requests have the configured header and no names of this machine', async () => {
  const seen = [];
  const endpoint = await collectors.answering((response, { headers }) => {
    seen.push(headers);
    response.end();
  });
  addon.init(withSecrets(endpoint));
  addon.record(turn());
  expect(await addon.flush()).toBe(true);
  expect(seen.length).toBeGreaterThan(0);
  for (const { authorization, host, ...rest } of seen) {
    expect({ authorization, host }).toEqual({ authorization: `Bearer ${HEADER}`, host: new URL(endpoint).host });
    expect(rest).toEqual({
      'content-encoding': 'gzip',
      'content-length': expect.stringMatching(/^\d+$/),
      'content-type': 'application/x-protobuf',
      'user-agent': expect.stringMatching(/^ccxray-otel-native\/\d+\.\d+\.\d+$/),
    });
  }
});

/** A project of `init` with a hanging collector, and one with a healthy collector. */
async function hangingAndWell() {
  const [shop, bank] = [await collectors.hanging(), await collector()];
  addon.init(options({ tier: 1, endpoint: shop, project: 'shop' }, { OTEL_METRIC_EXPORT_INTERVAL: '1000' }));
  return { bank, cwd: project({ tier: 1, endpoint: bank.endpoint, project: 'bank' }) };
}
