'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const { faultLab } = require('../../testkit/faults/lab');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { startProxy } = require('../../testkit/receiver/proxy');
const { authority, available } = require('../../testkit/certificates');

const lab = faultLab();
const { collector, host } = lab;
const { hanging, refused } = badCollectors();

/** Secrets of the proxy. */
const [USER, PASSWORD] = ['pr0xyuser', 'pr0xypass'];
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-proxy-'));
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
const there = available() ? test : test.skip;
if (!available()) process.stderr.write('proxy.test.js: tests with TLS are skipped, because openssl is not installed\n');
let trusted;
let certificates;

beforeAll(() => {
  if (!available()) return;
  const { file, issue } = authority(directory);
  trusted = file;
  certificates = { healthy: issue('DNS:otlp.example') };
});

async function proxyTo(port, options) {
  const proxy = await startProxy({ port, ...options });
  lab.cleanup(() => proxy.close());
  return proxy;
}

/** The environment of a user behind a proxy. */
function behind(proxy, endpoint, { protocol = 'http/protobuf', ...more } = {}) {
  const url = `http://${USER}:${PASSWORD}@${proxy.authority ?? proxy}`;
  return {
    CCXRAY_OTEL_TIER: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    HTTPS_PROXY: url,
    HTTP_PROXY: url,
    SSL_CERT_FILE: trusted,
    ...more,
  };
}

/** Makes a turn, and flushes it. */
async function flushed(running, withinMs = 5000) {
  await running.request();
  return (await running.flush(withinMs))[0];
}

function expectNoSecret(running, status) {
  const log = path.join(running.ccxrayHome, 'otel.log');
  const shown = [JSON.stringify(status), running.stderr, fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : ''];
  for (const text of shown) expect(text).not.toMatch(/pr0xy(user|pass)/);
}

describe('everything arrives through a proxy', () => {
  const rows = [
    ['http/protobuf', 'http', 'forwards'],
    ['http/json', 'http', 'forwards'],
    ['http/protobuf', 'https', 'tunnels'],
    ['grpc', 'http', 'tunnels'],
    ['grpc', 'https', 'tunnels'],
  ];

  test.each(rows.filter(([, scheme]) => scheme === 'http' || available()))('%s to %s://', async (protocol, scheme, way) => {
    const backend = await collector({ isGrpc: protocol === 'grpc', ...(scheme === 'https' && { certificates }) });
    const proxy = await proxyTo(backend.port, { credentials: `${USER}:${PASSWORD}` });
    const running = await host({ env: behind(proxy, `${scheme}://otlp.example:4444`, { protocol }) });
    expect(await flushed(running)).toBe(true);
    const status = await running.status();
    expect(status.settings).toContainEqual({ name: 'proxy', value: `http://***@${proxy.authority}`, source: scheme === 'https' ? 'HTTPS_PROXY' : 'HTTP_PROXY' });
    expectNoSecret(running, status);
    const { code, final } = await running.stop();
    expect(code).toBe(0);
    expect(amountsAt(backend)).toEqual(amountsOf(final.recorded));
    expect(backend.broken).toEqual([]);
    const used = { forwards: proxy.forwarded, tunnels: proxy.tunnels };
    expect(new Set(used[way])).toEqual(new Set([way === 'tunnels' ? 'otlp.example:4444' : 'http://otlp.example:4444/v1/metrics']));
    expect(used[way === 'tunnels' ? 'forwards' : 'tunnels']).toEqual([]);
  });

  test('also to the endpoint of a project', async () => {
    const backend = await collector();
    const proxy = await proxyTo(backend.port);
    const otel = { tier: 1, endpoint: 'http://otlp.example:4444' };
    const running = await host({
      env: { CCXRAY_OTEL_TRUST: '1', http_proxy: `http://${proxy.authority}` },
      prepare: (home) => fs.writeFileSync(path.join(home, '.ccxray.json'), JSON.stringify({ otel })),
    });
    expect(await flushed(running)).toBe(true);
    expect(proxy.forwarded.length).toBeGreaterThan(0);
    await running.stop();
  });
});

describe('no proxy is used', () => {
  test('for a receiver on this machine', async () => {
    const backend = await collector();
    const proxy = await proxyTo(backend.port);
    const running = await host({ env: behind(proxy, backend.endpoint) });
    expect(await flushed(running)).toBe(true);
    expect((await running.status()).settings.filter(({ name }) => name === 'proxy')).toEqual([]);
    await running.stop();
    expect([proxy.forwarded, proxy.tunnels]).toEqual([[], []]);
  });

  test('for a host in NO_PROXY', async () => {
    const backend = await collector();
    const proxy = await proxyTo(backend.port);
    const running = await host({ env: behind(proxy, 'http://nothing.invalid:4444', { NO_PROXY: 'x.example,.invalid' }) });
    expect(await flushed(running, 1500)).toBe(false);
    expect((await running.status()).exports.lastError).toMatch(/^(Host name nothing\.invalid is unknown\.|no answer in time)$/);
    await running.stop();
    expect([proxy.forwarded, proxy.tunnels]).toEqual([[], []]);
  });
});

describe('a proxy that does not help is named with the cure', () => {
  const AUTHORIZATION = ' asks for a user and a password that it accepts. Write them into the variable: http://USER:PASSWORD@HOST:PORT';

  test.each([
    ['http/protobuf', 'http', { credentials: 'another:one' }, AUTHORIZATION],
    ['grpc', 'http', { credentials: 'another:one' }, AUTHORIZATION],
    ['grpc', 'http', { refusal: 403 }, ' does not connect to otlp.example:4444. If that needs no proxy, add its host to NO_PROXY.'],
  ])('%s to %s://, %j', async (protocol, scheme, options, expected) => {
    const backend = await collector({ isGrpc: protocol === 'grpc' });
    const proxy = await proxyTo(backend.port, options);
    const running = await host({ env: behind(proxy, `${scheme}://otlp.example:4444`, { protocol }) });
    expect(await flushed(running, 3000)).toBe(false);
    const status = await running.status();
    expect(status.exports.lastError).toBe(`The proxy http://***@${proxy.authority} (HTTP_PROXY)${expected}`);
    expectNoSecret(running, status);
    await running.stop();
    expect(amountsAt(backend).turns).toBe(0);
  });

  there('https to a proxy that refuses the host', async () => {
    const backend = await collector({ certificates });
    const proxy = await proxyTo(backend.port, { refusal: 502 });
    const running = await host({ env: behind(proxy, 'https://otlp.example') });
    expect(await flushed(running, 3000)).toBe(false);
    expect((await running.status()).exports.lastError).toBe(`The proxy http://***@${proxy.authority} (HTTPS_PROXY) does not connect to otlp.example:443. If that needs no proxy, add its host to NO_PROXY.`);
    await running.stop();
  });

  test('a port on which nothing listens', async () => {
    const { host: proxy } = new URL(await refused());
    const running = await host({ env: behind(proxy, 'https://otlp.example') });
    expect(await flushed(running, 3000)).toBe(false);
    expect((await running.status()).exports.lastError).toBe(`The proxy http://***@${proxy} (HTTPS_PROXY): nothing listens there (connection refused).`);
    await running.stop();
  });

  test('one that never answers, and the host ends in time', async () => {
    const { host: proxy } = new URL(await hanging());
    const running = await host({ env: behind(proxy, 'https://otlp.example') });
    expect(await flushed(running, 300)).toBe(false);
    await running.request();
    const { code, elapsedMs } = await running.stop();
    expect(code).toBe(0);
    expect(elapsedMs).toBeLessThan(2700);
  });

  test('a variable that is not the URL of a proxy', async () => {
    const env = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example', HTTPS_PROXY: `socks5://${USER}:${PASSWORD}@127.0.0.1:1` };
    await expect(host({ env })).rejects.toThrow(/environment: HTTPS_PROXY: This is not the URL of an HTTP proxy\. Write it like http:\/\/proxy\.example:3128, or unset it\./);
  });
});
