'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const addon = require('../..');
const { stage, statusWhere, switchedOn, total, TURNS, SHUTDOWN_LIMIT_MS } = require('../../testkit/host/stage.js');
const { nothing, on, untrusted, APPROVAL } = require('../../testkit/notice');

const ADDONS = path.join(__dirname, '../../testkit/host/addons');

const { collector, badCollector, host, project } = stage();

describe('without an addon the host runs as if nothing were there', () => {
  const garbage = path.join(os.tmpdir(), `ccxray-garbage-${process.pid}.node`);

  beforeAll(() => fs.writeFileSync(garbage, 'this is no shared library'));
  afterAll(() => fs.rmSync(garbage, { force: true }));

  test.each([
    ['missing', { addon: '@ccxray/not-there' }, /^ccxray metrics: off: @ccxray\/not-there is not installed\n$/],
    [
      'broken',
      { env: { NAPI_RS_NATIVE_LIBRARY_PATH: garbage } },
      new RegExp(`^ccxray metrics: off: .* cannot be loaded: .*${path.basename(garbage)}.*\n$`),
    ],
  ])('%s', async (_, options, line) => {
    const running = await host(options);
    expect(running.started).toMatchObject({ state: 'disabled', tier: 0 });
    expect((await running.agent().claude()).status).toBe(200);
    expect((await running.agent().codex()).status).toBe(200);
    expect((await running.status()).host).toMatchObject({ recorded: 0, errors: 1 });
    const { code, stderr } = await running.stop();
    expect(code).toBe(0);
    expect(stderr).toMatch(line);
  });

  test('an addon that fails at everything costs its turns, and says so in the status', async () => {
    const running = await host({ addon: path.join(ADDONS, 'throwing.js') });
    expect((await running.agent().claude()).status).toBe(200);
    const status = await running.status();
    expect(status).toMatchObject({ state: 'disabled', host: { lastError: 'the addon is out of order' } });
    expect(status.host.errors).toBeGreaterThan(1);
    expect(await running.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('an addon that never ends its shutdown holds up the exit for two seconds', async () => {
    const running = await host({ addon: path.join(ADDONS, 'hanging.js') });
    const { code, stderr, elapsedMs } = await running.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(elapsedMs).toBeGreaterThan(1800);
    expect(elapsedMs).toBeLessThan(SHUTDOWN_LIMIT_MS);
  });
});

test('a config that is wrong costs one line and nothing else', async () => {
  const running = await host({ env: { CCXRAY_OTEL_TIER: '1' } });
  expect(running.started).toMatchObject({ state: 'disabled', tier: 0 });
  expect((await running.agent().claude()).status).toBe(200);
  const { code, stderr } = await running.stop();
  expect(code).toBe(0);
  expect(stderr).toMatch(/^ccxray metrics: off: otel\.endpoint: telemetry is switched on, but no endpoint is named; [^\n]*OTEL_EXPORTER_OTLP_ENDPOINT\n$/);
});

test('an endpoint that cannot be one costs one line and nothing else', async () => {
  const running = await host({ env: switchedOn('collector') });
  expect(running.started).toMatchObject({ state: 'degraded', tier: 1 });
  expect((await running.agent().claude()).status).toBe(200);
  const reason = 'the endpoint is not an http:// or https:// URL without user and password (OTEL_EXPORTER_OTLP_ENDPOINT)';
  expect(running.started.reason).toBe(reason);
  expect(await running.stop()).toMatchObject({ code: 0, stderr: nothing(reason) });
});

describe('a project that asks for metrics to a machine elsewhere', () => {
  const asked = { enabled: true, tier: 1, endpoint: 'https://collector.invalid', project: 'shop' };

  test.each([
    ['', {}],
    [', though the engineer has named the same endpoint', { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: asked.endpoint }],
  ])('is not believed%s, which costs one line that says how to allow it', async (_, env) => {
    const cwd = project(asked);
    const running = await host({ cwd, env });
    const reason = untrusted(cwd, 'tier 1 to https://collector.invalid');
    expect(running.started).toMatchObject({ state: 'disabled', tier: 0, reason });
    await running.agent().claude();
    expect((await running.status()).host).toMatchObject({ recorded: 0, errors: 0 });
    expect(await running.stop()).toMatchObject({ code: 0, stderr: nothing(reason) });
  });

  test('is believed where a team manages the machine', async () => {
    const running = await host({ cwd: project(asked), env: { CCXRAY_OTEL_TRUST: '1' } });
    expect(running.started).toMatchObject({ state: 'active', tier: 1, trust: APPROVAL.managed });
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(asked.endpoint, APPROVAL.managed) });
  });

  test('is believed once the engineer has allowed it, and until they take it back', async () => {
    const [cwd, home] = [project(asked), project()];
    const env = { HOME: home, USERPROFILE: home, CCXRAY_HOME: path.join(home, 'own') };
    addon.trust(cwd, { home, env });
    const before = await host({ cwd, env });
    expect(before.started).toMatchObject({ state: 'active', tier: 1, trust: APPROVAL.allowed });
    expect(await before.stop()).toMatchObject({ code: 0, stderr: on(asked.endpoint, APPROVAL.allowed) });
    addon.untrust(cwd, { home, env });
    const after = await host({ cwd, env });
    const reason = untrusted(cwd, 'tier 1 to https://collector.invalid');
    expect(after.started).toMatchObject({ state: 'disabled', tier: 0, reason });
    expect(await after.stop()).toMatchObject({ code: 0, stderr: nothing(reason) });
  });
});

test.each([
  ['are passed on while it is on', { state: 'active' }, 'ccxray metrics: the first warning\nccxray metrics: the second\n'],
  ['are passed on while nothing can be sent, for which the addon itself gives the reason', { state: 'degraded', reason: 'no URL' },
    'ccxray metrics: the first warning\nccxray metrics: the second\n'],
  ['are kept back while it is off', { state: 'disabled', tier: 0, reason: 'switched off by .ccxray.json' }, ''],
  ['are kept back while the project is not trusted', { state: 'disabled', tier: 0, reason: 'untrusted: ask' }, ''],
])('warnings of the addon %s', async (_, status, stderr) => {
  const running = await host({ addon: path.join(ADDONS, 'outspoken.js'), env: { OUTSPOKEN: JSON.stringify(status) } });
  expect(await running.stop()).toMatchObject({ code: 0, stderr });
});

test('switched off by default, and without a word', async () => {
  const running = await host({});
  expect(running.started).toMatchObject({ state: 'disabled', tier: 0 });
  await running.agent().claude();
  expect((await running.status()).host).toMatchObject({ recorded: 0, refused: 0, errors: 0 });
  expect(await running.stop()).toMatchObject({ code: 0, stderr: '' });
});

describe('a collector that is no help does not disturb the host', () => {
  test('one that hangs holds up a graceful exit for two seconds at most', async () => {
    const endpoint = await badCollector(() => {});
    const running = await host({ env: switchedOn(endpoint) });
    expect((await running.agent().claude()).status).toBe(200);
    const { code, stderr, elapsedMs } = await running.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: on(endpoint) });
    expect(elapsedMs).toBeLessThan(SHUTDOWN_LIMIT_MS);
  });

  test('one that hangs holds up a natural exit for two seconds at most', async () => {
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
  ])('one that %s is reported by the status', async (_, start) => {
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

describe('the last turns are delivered at the exit', () => {
  test.each(['stop', 'leave'])('%s', async (way) => {
    const receiver = await collector();
    const env = { ...switchedOn(receiver.endpoint), OTEL_METRIC_EXPORT_INTERVAL: '60000' };
    const running = await host({ env });
    for (let turn = 0; turn < 5; turn += 1) await running.agent().claude();
    expect(await running[way]()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });
    expect(total(receiver, TURNS)).toBe(5);
  });
});
