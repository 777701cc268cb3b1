'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const { switchedOn } = require('../../testkit/faults/host');
const { stage } = require('../../testkit/faults/stage');
const { METRICS } = require('../../testkit/faults/turns');

const { collector, host } = stage();

const DELTA = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' };
const DROPPED = 'ccxray.otel.exports_dropped_total';

describe('with delta temporality', () => {
  test.each(['refuses', '503', '500', 'hangs', '429', '401', 'resets'])('the intervals before, in and after an outage add up to what was recorded: %s', async (fault) => {
    const begun = BigInt(Date.now()) * 1_000_000n;
    const { backend, running } = await started();
    await intervals(running, 2, { delivered: true });
    expect((await running.status()).exports.backlog).toEqual({ requests: 0, bytes: 0 });

    await backend.become(fault);
    await intervals(running, 3, { delivered: false });
    const outage = await running.status();
    expect(outage).toMatchObject({ state: 'active', exports: { consecutiveFailures: 3, backlog: { requests: 3, bytes: expect.any(Number) } } });
    expect(outage.exports.backlog.bytes).toBeGreaterThan(100);
    expect(amountsAt(backend).turns).toBe(20);
    await running.ask('preview');

    await backend.become('well');
    await intervals(running, 2, { delivered: true });
    expect((await running.status()).exports).toMatchObject({ consecutiveFailures: 0, backlog: { requests: 0, bytes: 0 } });
    await requests(running);
    const { code, final } = await running.stop();
    expect(code).toBe(0);

    expect(final.truth.turns).toBe(80);
    expect(amountsAt(backend)).toEqual(amountsOf(final.truth));
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

  test('who asks again and again while nothing may be sent puts nothing into the backlog', async () => {
    const { backend, running } = await started();
    await backend.become('500');
    await intervals(running, 5, { delivered: false });
    const before = await running.status();
    expect(before.state).toBe('circuit_open');
    await running.flush(250, 50);
    await requests(running);
    expect(await running.flush(250, 50)).toEqual(Array(50).fill(false));
    // One or the other may be the turn of the schedule.
    expect((await running.status()).exports.backlog.requests).toBeLessThan(before.exports.backlog.requests + 5);
    await backend.become('well');
    const { final } = await running.stop();
    expect(amountsAt(backend)).toEqual(amountsOf(final.truth));
    expect(final.status.exports).toMatchObject({ dropped: { shutdown: 0 }, backlog: { requests: 0, bytes: 0 } });
  });

  test('gauges say how it is, and histograms count each turn once', async () => {
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

  test('what a preview shows is sent all the same', async () => {
    const { backend, running } = await started();
    await requests(running);
    const shown = [await running.ask('preview'), await running.ask('preview')].map((text) => JSON.parse(text));
    for (const request of shown) expect(turnsIn(request)).toBe(10);
    expect(await running.flush(5000)).toEqual([true]);
    expect(turnsIn(JSON.parse(await running.ask('preview')))).toBe(0);
    const { final } = await running.stop();
    expect(amountsAt(backend)).toEqual(amountsOf(final.truth));
  });

  test('a shutdown in an outage says how many intervals are lost', async () => {
    const { backend, running } = await started();
    await intervals(running, 1, { delivered: true });
    await backend.become('500');
    await intervals(running, 3, { delivered: false });
    await requests(running);
    const { code, final } = await running.stop();
    expect(code).toBe(0);
    expect(final.status.exports.dropped).toMatchObject({ shutdown: 4, rejected: 0, partial_success: 0 });
    expect(amountsAt(backend).turns).toBe(10);
  });

  test.each(['400', '413'])('an interval that a backend does not want is given up, and counted: %s', async (fault) => {
    const { backend, running } = await started();
    await intervals(running, 1, { delivered: true });
    await backend.become(fault);
    await intervals(running, 1, { delivered: false });
    expect((await running.status()).exports).toMatchObject({ dropped: { rejected: 1 }, backlog: { requests: 0, bytes: 0 } });
    await backend.become('well');
    await intervals(running, 1, { delivered: true });
    await running.stop();
    expect(amountsAt(backend).turns).toBe(20);
    expect(backend.sum(DROPPED, { reason: 'rejected' })).toBe(1);
    expect(backend.overlaps).toEqual([]);
  });

  test('what a backend took only in part is not sent again, and counted', async () => {
    const { backend, running } = await started();
    await backend.become('partialSuccess');
    await intervals(running, 1, { delivered: true });
    const said = backend.heardAs.partialSuccess;
    await backend.become('well');
    await intervals(running, 1, { delivered: true });
    const { final } = await running.stop();
    expect(amountsAt(backend).turns).toBe(10);
    expect(final.status.exports.dropped.partial_success).toBe(said);
    expect(backend.sum(DROPPED, { reason: 'partial_success' })).toBe(said);
  });

  test('an outage that opens the circuit costs nothing', async () => {
    const { backend, running } = await started({ OTEL_METRIC_EXPORT_INTERVAL: '1000' });
    await backend.become('500');
    await intervals(running, 6, { delivered: false });
    expect(await running.status()).toMatchObject({ state: 'circuit_open' });
    await new Promise((resolve) => { setTimeout(resolve, 2500); });
    await requests(running);
    await backend.become('well');
    const { final } = await running.stop();
    expect(amountsAt(backend)).toEqual(amountsOf(final.truth));
    expect(backend.overlaps).toEqual([]);
    expect(final.status.exports).toMatchObject({ dropped: { shutdown: 0, rejected: 0 }, backlog: { requests: 0, bytes: 0 } });
  });
});

test('a project asks for delta temporality in its config', async () => {
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

test('without it sums are cumulative', async () => {
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

/** So many times ten turns, and a flush that says whether they arrived. */
async function intervals(running, count, { delivered }) {
  for (let i = 0; i < count; i += 1) {
    await requests(running);
    expect(await running.flush(delivered ? 5000 : 250)).toEqual([delivered]);
  }
}

async function requests(running) {
  for (let i = 0; i < 10; i += 1) await running.request();
}

/** Turns in a request as OTLP/JSON. */
function turnsIn({ resourceMetrics }) {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap((scope) => scope.metrics);
  const points = metrics.filter(({ name }) => name === METRICS.turns).flatMap(({ sum }) => sum.dataPoints);
  return points.reduce((turns, { asInt, asDouble }) => turns + Number(asInt ?? asDouble), 0);
}
