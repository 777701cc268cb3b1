'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const { switchedOn } = require('../../testkit/faults/host');
const { faultLab } = require('../../testkit/faults/lab');
const { METRICS } = require('../../testkit/faults/turns');
const { readPending } = require('../../testkit/pending/file');

const { collector, host } = faultLab();

const DELTA = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' };
const DROPPED = 'ccxray.otel.exports_dropped_total';

describe('with delta temporality', () => {
  test.each(['refuses', '503', '500', 'hangs', '429', '401', 'resets'])('intervals before, during and after an outage add up: %s', async (fault) => {
    const begun = BigInt(Date.now()) * 1_000_000n;
    const { backend, running } = await started();
    await intervals(running, 2, { delivered: true });
    expect((await running.status()).exports.backlog).toEqual({ requests: 0, bytes: 0 });

    await backend.setFault(fault);
    await intervals(running, 3, { delivered: false });
    const outage = await running.status();
    expect(outage).toMatchObject({ state: 'active', exports: { consecutiveFailures: 3, backlog: { requests: 3, bytes: expect.any(Number) } } });
    expect(outage.exports.backlog.bytes).toBeGreaterThan(100);
    expect(amountsAt(backend).turns).toBe(20);
    await running.send('preview');

    await backend.setFault('healthy');
    await intervals(running, 2, { delivered: true });
    expect((await running.status()).exports).toMatchObject({ consecutiveFailures: 0, backlog: { requests: 0, bytes: 0 } });
    await requests(running);
    const { code, final } = await running.stop();
    expect(code).toBe(0);

    expect(final.recorded.turns).toBe(80);
    expect(amountsAt(backend)).toEqual(amountsOf(final.recorded));
    expect(backend.overlaps).toEqual([]);
    for (const metric of [METRICS.turns, METRICS.input, METRICS.cost]) {
      const seen = backend.intervals(metric);
      expect(seen.length).toBe(8);
      expect(seen.slice(1).map(({ from }) => from)).toEqual(seen.slice(0, -1).map(({ to }) => to));
      for (const { from, to } of seen) expect(BigInt(from)).toBeLessThan(BigInt(to));
      expect(BigInt(seen[0].from)).toBeGreaterThanOrEqual(begun);
      expect(BigInt(seen.at(-1).to)).toBeLessThan(BigInt(Date.now() + 1) * 1_000_000n);
    }
  });

  test('flushes during an open circuit add nothing to the backlog', async () => {
    const { backend, running } = await started();
    await backend.setFault('500');
    await intervals(running, 5, { delivered: false });
    const before = await running.status();
    expect(before.state).toBe('circuit_open');
    await running.flush(250, 50);
    await requests(running);
    expect(await running.flush(250, 50)).toEqual(Array(50).fill(false));
    // A few exports may be those of the schedule.
    expect((await running.status()).exports.backlog.requests).toBeLessThan(before.exports.backlog.requests + 5);
    await backend.setFault('healthy');
    const { final } = await running.stop();
    expect(amountsAt(backend)).toEqual(amountsOf(final.recorded));
    expect(final.status.exports).toMatchObject({ dropped: { shutdown: 0 }, backlog: { requests: 0, bytes: 0 } });
  });

  test('gauges are sent, and histograms count each turn once', async () => {
    const { backend, running } = await started();
    await intervals(running, 3, { delivered: true });
    await running.stop();
    const series = backend.series();
    expect(series.filter(({ metric, kind }) => metric === 'ccxray.cache.hit_ratio' && kind === 'gauge').length).toBeGreaterThan(0);
    const durations = series.filter(({ metric }) => metric === 'ccxray.request.duration');
    expect(durations.reduce((count, one) => count + one.count, 0)).toBe(30);
    expect(durations.reduce((count, one) => count + one.bucketCounts.reduce((all, bucket) => all + bucket, 0), 0)).toBe(30);
    expect(series.filter(({ kind, from }) => (kind === 'counter' || kind === 'histogram') && from === undefined)).toEqual([]);
  });

  test('a preview takes nothing away from the next export', async () => {
    const { backend, running } = await started();
    await requests(running);
    const shown = [await running.send('preview'), await running.send('preview')].map((text) => JSON.parse(text));
    for (const request of shown) expect(turnsIn(request)).toBe(10);
    expect(await running.flush(5000)).toEqual([true]);
    expect(turnsIn(JSON.parse(await running.send('preview')))).toBe(0);
    const { final } = await running.stop();
    expect(amountsAt(backend)).toEqual(amountsOf(final.recorded));
  });

  test('a shutdown in an outage stores the intervals', async () => {
    const { backend, running } = await started();
    await intervals(running, 1, { delivered: true });
    await backend.setFault('500');
    await intervals(running, 3, { delivered: false });
    await requests(running);
    const { code, final } = await running.stop();
    expect(code).toBe(0);
    expect(final.status.exports.dropped).toMatchObject({ shutdown: 0, rejected: 0, partial_success: 0 });
    const directory = path.join(running.ccxrayHome, 'otel', 'pending');
    const file = fs.readdirSync(directory).find((name) => name.endsWith('.otlp'));
    expect(readPending(fs.readFileSync(path.join(directory, file))).requests.map(turnsIn)).toEqual([10, 10, 10, 10]);
    expect(amountsAt(backend).turns).toBe(10);
  });

  test.each(['400', '413'])('a rejected interval is dropped and counted: %s', async (fault) => {
    const { backend, running } = await started();
    await intervals(running, 1, { delivered: true });
    await backend.setFault(fault);
    await intervals(running, 1, { delivered: false });
    expect((await running.status()).exports).toMatchObject({ dropped: { rejected: 1 }, backlog: { requests: 0, bytes: 0 } });
    await backend.setFault('healthy');
    await intervals(running, 1, { delivered: true });
    await running.stop();
    expect(amountsAt(backend).turns).toBe(20);
    expect(backend.sum(DROPPED, { reason: 'rejected' })).toBe(1);
    expect(backend.overlaps).toEqual([]);
  });

  test('a partial success is counted and not sent again', async () => {
    const { backend, running } = await started();
    await backend.setFault('partialSuccess');
    await intervals(running, 1, { delivered: true });
    const requestCount = backend.receivedDuring.partialSuccess;
    await backend.setFault('healthy');
    await intervals(running, 1, { delivered: true });
    const { final } = await running.stop();
    expect(amountsAt(backend).turns).toBe(10);
    expect(final.status.exports.dropped.partial_success).toBe(requestCount);
    expect(backend.sum(DROPPED, { reason: 'partial_success' })).toBe(requestCount);
  });

  test('an outage that opens the circuit loses nothing', async () => {
    const { backend, running } = await started({ OTEL_METRIC_EXPORT_INTERVAL: '1000' });
    await backend.setFault('500');
    await intervals(running, 6, { delivered: false });
    expect(await running.status()).toMatchObject({ state: 'circuit_open' });
    await new Promise((resolve) => { setTimeout(resolve, 2500); });
    await requests(running);
    await backend.setFault('healthy');
    const { final } = await running.stop();
    expect(amountsAt(backend)).toEqual(amountsOf(final.recorded));
    expect(backend.overlaps).toEqual([]);
    expect(final.status.exports).toMatchObject({ dropped: { shutdown: 0, rejected: 0 }, backlog: { requests: 0, bytes: 0 } });
  });
});

test('a project can set delta temporality in its config', async () => {
  const backend = await collector();
  const otel = { tier: 1, endpoint: backend.endpoint, temporality: 'delta' };
  const personal = { tier: 1 };
  const running = await host({
    prepare(home) {
      fs.writeFileSync(path.join(home, '.ccxray.json'), JSON.stringify({ otel }));
      fs.writeFileSync(path.join(home, '.ccxray.user.json'), JSON.stringify({ otel: personal }));
    },
  });
  await intervals(running, 2, { delivered: true });
  await running.stop();
  expect(backend.intervals(METRICS.turns).length).toBe(2);
  expect(amountsAt(backend).turns).toBe(20);
});

test('sums are cumulative by default', async () => {
  const backend = await collector();
  const running = await host({ env: switchedOn(backend.endpoint) });
  await intervals(running, 2, { delivered: true });
  await running.stop();
  expect(backend.intervals(METRICS.turns)).toEqual([]);
  expect(amountsAt(backend).turns).toBe(20);
});

async function started(env) {
  const backend = await collector();
  return { backend, running: await host({ env: switchedOn(backend.endpoint, { ...DELTA, ...env }) }) };
}

/** Makes ten turns and flushes, that many times. */
async function intervals(running, count, { delivered }) {
  for (let i = 0; i < count; i += 1) {
    await requests(running);
    expect(await running.flush(delivered ? 5000 : 250)).toEqual([delivered]);
  }
}

async function requests(running) {
  for (let i = 0; i < 10; i += 1) await running.request();
}

/** How many turns a request in OTLP/JSON has. */
function turnsIn({ resourceMetrics }) {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap((scope) => scope.metrics);
  const points = metrics.filter(({ name }) => name === METRICS.turns).flatMap(({ sum }) => sum.dataPoints);
  return points.reduce((turns, { asInt, asDouble }) => turns + Number(asInt ?? asDouble), 0);
}
