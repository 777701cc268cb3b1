'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const addon = require('../..');
const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { hostLab, statusWhere, switchedOn, SHUTDOWN_LIMIT_MS } = require('../../testkit/host/lab');
const { asks, BASIS, nothing, on, untrusted } = require('../../testkit/notice');

const ADDONS = path.join(__dirname, '../../testkit/host/addons');

const { collector, badCollector, host, project } = hostLab();

describe('the host runs normally with an addon that is', () => {
  const garbage = path.join(os.tmpdir(), `ccxray-garbage-${process.pid}.node`);

  beforeAll(() => fs.writeFileSync(garbage, 'this is not a shared library'));
  afterAll(() => fs.rmSync(garbage, { force: true }));

  test.each([
    ['missing', { addon: '@ccxray/not-there' }, /^ccxray-otel: nothing is sent: Cannot find module '@ccxray\/not-there'[^\n]*\n$/],
    [
      'broken',
      { env: { NAPI_RS_NATIVE_LIBRARY_PATH: garbage } },
      new RegExp(`^ccxray-otel: nothing is sent: @ccxray/otel-native has a binary for .* that cannot be loaded: .*${path.basename(garbage)}.*\n$`),
    ],
  ])('%s', async (_, options, line) => {
    const running = await host({ ...options, env: { ...options.env, CCXRAY_OTEL_TIER: '1' } });
    expect(running.started).toMatchObject({ state: 'disabled', tier: 0 });
    expect((await running.agent().claude()).status).toBe(200);
    expect((await running.agent().codex()).status).toBe(200);
    expect((await running.status()).host).toMatchObject({ recorded: 0, errors: 1 });
    const { code, stderr } = await running.stop();
    expect(code).toBe(0);
    expect(stderr).toMatch(line);
  });

  test.each([
    ['if nobody asks for telemetry', {}, undefined],
    ['if a variable turns it off', { CCXRAY_OTEL_TIER: '1', DO_NOT_TRACK: '1' }, undefined],
    ['if a variable only names a receiver', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, undefined],
    ['if a config file turns it off', {}, { tier: 0 }],
    ['if a config file disables it', {}, { enabled: false, tier: 1 }],
    ['if a config file sets no tier', {}, { endpoint: 'http://127.0.0.1:9' }],
  ])('missing, without a line %s', async (_, env, otel) => {
    const running = await host({ addon: '@ccxray/not-there', env, cwd: project(otel) });
    expect(await running.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('missing, with a line if a config file asks for telemetry', async () => {
    const running = await host({ addon: '@ccxray/not-there', cwd: project({ tier: 1 }) });
    expect((await running.stop()).stderr).toMatch(/^ccxray-otel: nothing is sent: /);
  });

  test('failing in every call, and reports the error', async () => {
    const running = await host({ addon: path.join(ADDONS, 'throwing.js') });
    expect((await running.agent().claude()).status).toBe(200);
    const status = await running.status();
    expect(status).toMatchObject({ state: 'disabled', host: { lastError: 'the addon failed' } });
    expect(status.host.errors).toBeGreaterThan(1);
    expect(await running.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('hanging in its shutdown, and exits after two seconds', async () => {
    const running = await host({ addon: path.join(ADDONS, 'hanging.js') });
    const { code, stderr, elapsedMs } = await running.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(elapsedMs).toBeLessThan(SHUTDOWN_LIMIT_MS);
  });
});

describe('a config that cannot be used', () => {
  const env = { CCXRAY_OTEL_TIER: '1' };
  const line = /^ccxray-otel: nothing is sent: otel\.endpoint: Telemetry is on, but there is no endpoint\. [^\n]*OTEL_EXPORTER_OTLP_ENDPOINT\.\n$/;

  test('ends the host with 78 before the port opens', async () => {
    await expect(host({ env })).rejects.toMatchObject({ code: 78, stderr: expect.stringMatching(line) });
  });

  test('does not, if a variable turns telemetry off', async () => {
    const running = await host({ cwd: project({ tier: 'one' }), env: { DO_NOT_TRACK: '1' } });
    expect(await running.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('does not, with failFast false: one line on standard error', async () => {
    const running = await host({ env, failFast: false });
    await continues(running, line);
  });
});

async function continues(running, line) {
  expect(running.started).toMatchObject({ state: 'disabled', tier: 0 });
  expect((await running.agent().claude()).status).toBe(200);
  const { code, stderr } = await running.stop();
  expect(code).toBe(0);
  expect(stderr).toMatch(line);
}

test('an invalid endpoint causes one line on standard error', async () => {
  const running = await host({ env: switchedOn('collector') });
  expect(running.started).toMatchObject({ state: 'degraded', tier: 1 });
  expect((await running.agent().claude()).status).toBe(200);
  const reason = 'environment: OTEL_EXPORTER_OTLP_ENDPOINT: The endpoint has no http:// or https://. Write it like "http://127.0.0.1:4318".';
  expect(running.started.reason).toBe(reason);
  expect(await running.stop()).toMatchObject({ code: 0, stderr: nothing(reason) });
});

describe('a project that wants metrics sent to another machine', () => {
  const asked = { enabled: true, tier: 1, endpoint: 'https://collector.invalid', project: 'shop' };

  test.each([
    ['', {}],
    [', even with the same endpoint in the environment', { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: asked.endpoint }],
  ])('needs approval%s, and one line says how', async (_, env) => {
    const cwd = project(asked);
    const running = await host({ cwd, env });
    const reason = untrusted(cwd, asks('https://collector.invalid'));
    expect(running.started).toMatchObject({ state: 'disabled', tier: 0, reason });
    await running.agent().claude();
    expect((await running.status()).host).toMatchObject({ recorded: 0, errors: 0 });
    expect(await running.stop()).toMatchObject({ code: 0, stderr: nothing(reason) });
  });

  test('needs no approval on a managed machine', async () => {
    const running = await host({ cwd: project(asked), env: { CCXRAY_OTEL_TRUST: '1' } });
    expect(running.started).toMatchObject({ state: 'active', tier: 1, trust: BASIS.managed });
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(asked.endpoint, BASIS.managed) });
  });

  test('is on between approval and revocation', async () => {
    const [cwd, home] = [project(asked), project()];
    const env = { HOME: home, USERPROFILE: home, CCXRAY_HOME: path.join(home, 'own') };
    addon.trust(cwd, { home, env });
    const before = await host({ cwd, env });
    expect(before.started).toMatchObject({ state: 'active', tier: 1, trust: BASIS.approved });
    expect(await before.stop()).toMatchObject({ code: 0, stderr: on(asked.endpoint, BASIS.approved) });
    addon.untrust(cwd, { home, env });
    const after = await host({ cwd, env });
    const reason = untrusted(cwd, asks('https://collector.invalid'));
    expect(after.started).toMatchObject({ state: 'disabled', tier: 0, reason });
    expect(await after.stop()).toMatchObject({ code: 0, stderr: nothing(reason) });
  });
});

test('telemetry is off by default, without a notice', async () => {
  const running = await host({});
  expect(running.started).toMatchObject({ state: 'disabled', tier: 0 });
  await running.agent().claude();
  expect((await running.status()).host).toMatchObject({ recorded: 0, refused: 0, errors: 0 });
  expect(await running.stop()).toMatchObject({ code: 0, stderr: '' });
});

describe('the host is not affected by a collector that', () => {
  test('hangs: a graceful exit takes at most two seconds', async () => {
    const endpoint = await badCollector(() => {});
    const running = await host({ env: switchedOn(endpoint) });
    expect((await running.agent().claude()).status).toBe(200);
    const { code, stderr, elapsedMs } = await running.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: on(endpoint) });
    expect(elapsedMs).toBeLessThan(SHUTDOWN_LIMIT_MS);
  });

  test('hangs: a natural exit takes at most two seconds', async () => {
    const endpoint = await badCollector(() => {});
    const running = await host({ env: switchedOn(endpoint) });
    await running.agent().claude();
    const { code, stderr, elapsedMs } = await running.leave();
    expect({ code, stderr }).toEqual({ code: 0, stderr: on(endpoint) });
    expect(elapsedMs).toBeLessThan(SHUTDOWN_LIMIT_MS);
  });

  test.each([
    ['answers 500', () => badCollector((req, res) => req.resume().on('end', () => res.writeHead(500).end()))],
    ['refuses the connection', async () => 'http://127.0.0.1:9'],
  ])('%s, and the status reports it', async (_, start) => {
    const endpoint = await start();
    const running = await host({ env: switchedOn(endpoint) });
    await running.agent().claude();
    const { exports, host: own } = await statusWhere(running, (status) => status.exports.failed > 0);
    expect(exports).toMatchObject({ delivered: 0, lastError: expect.any(String) });
    expect(own).toMatchObject({ recorded: 1, errors: 0 });
    expect((await running.agent().codex()).status).toBe(200);
    const { code, stderr, elapsedMs } = await running.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: on(endpoint) });
    expect(elapsedMs).toBeLessThan(SHUTDOWN_LIMIT_MS);
  });
});

describe('the exit delivers the last turns, by', () => {
  test.each(['stop', 'leave'])('%s', async (way) => {
    const receiver = await collector();
    const env = { ...switchedOn(receiver.endpoint), OTEL_METRIC_EXPORT_INTERVAL: '60000' };
    const running = await host({ env });
    for (let turn = 0; turn < 5; turn += 1) await running.agent().claude();
    expect(await running[way]()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });
    expect(sumOf(receiver.series(), TURNS)).toBe(5);
  });
});
