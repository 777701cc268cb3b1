'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { authority, available } = require('../../testkit/certificates');
const { call } = require('../../testkit/cli/call');
const { untrusted, asks } = require('../../testkit/notice');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { collectors } = require('../../testkit/receiver/collectors');
const { createGrpcServer, accept, reject, CODES } = require('../../testkit/receiver/grpc');
const { listening, urlOf } = require('../../testkit/receiver/loopback');
const { startProxy } = require('../../testkit/receiver/proxy');
const { projects } = require('../../testkit/scratch/projects');

const bad = badCollectors();
const collector = collectors();
const { project, home } = projects();
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-connect-'));
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
const cleanups = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const there = available() ? test : test.skip;
if (!available()) process.stderr.write('connect.test.js: tests of certificates are skipped, because openssl is not installed\n');

const HEADERS = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20s3cret-t0ken' };
const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
/** Long enough for a connection, and short enough for a test. */
const BRIEF = { OTEL_EXPORTER_OTLP_TIMEOUT: '400' };
const USE_HTTP = 'If it is for OTLP over HTTP, set the protocol to http/protobuf. Else use the port for gRPC, usually 4317.';
const BASE_URL = 'The base URL is probably wrong: Prometheus /api/v1/otlp, VictoriaMetrics /opentelemetry, Grafana Cloud /otlp';
const PAGE = 'answered with a web page, and not with OTLP. Either something answers in its place, such as the login page of a network or of a proxy, or the URL is that of a website.';

/** What the command finds out about an endpoint of the environment. */
async function checked(endpoint, { env = {}, args = [] } = {}) {
  const { code, stdout, stderr } = await call(['check', '--connect', '--json', ...args], {
    cwd: project(), home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env },
  });
  expect(stderr).toBe('');
  expect(stdout).not.toMatch(/s3cret/);
  return { code, ...JSON.parse(stdout) };
}

/** Listens until the test ends, and resolves to the URL. */
async function open(server, scheme = 'http') {
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket))));
  await listening(server);
  cleanups.push(() => new Promise((resolve) => {
    server.close(resolve);
    for (const socket of sockets) socket.destroy();
  }));
  const url = new URL(urlOf(server));
  return scheme === 'http' ? url.origin : `https://localhost:${url.port}`;
}

const answered = (status, headers, body) => () => bad.answering((response) => response.writeHead(status, headers).end(body));
const grpcAnswering = (answer) => () => open(createGrpcServer(answer));
const alert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28]);
const behind = ({ authority: at }) => ({ HTTP_PROXY: `http://${at}`, HTTPS_PROXY: `http://user:s3cret-t0ken@${at}` });
const backend = (certificate) => open(https.createServer(certificate, (request, response) => request.resume().on('end', () => response.end())), 'https');
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe('a misconfiguration is named with its cause and cure', () => {
  /** What is wrong, how to make it, further variables, the step that fails, and what is said about `HOST`. */
  const rows = [
    ['nothing listens', bad.refused, {}, 'connection', 'Nothing listens on HOST (connection refused).'],
    ['an unknown host', async () => 'http://nothing.invalid:4318', {}, 'name', 'Host name nothing.invalid is unknown.'],
    ['no answer', bad.hanging, BRIEF, 'answer', 'HOST did not answer within 0.4 s. It is overloaded, or it is not a receiver of OTLP. For more time set timeout_seconds.'],
    ['no answer to TLS', async () => (await bad.hanging()).replace('http:', 'https:'), BRIEF, 'tls', 'HOST did not finish the TLS handshake within 0.4 s. If it is for plain HTTP, write http:// in the endpoint.'],
    ['plain HTTP on a port for TLS', async () => (await bad.status(200)).replace('http:', 'https:'), {}, 'tls', 'HOST does not speak TLS. If it is for plain HTTP, write http:// in the endpoint.'],
    ['TLS on a port for HTTP, which answers with an alert', () => bad.raw((socket) => socket.once('data', () => socket.end(alert)).resume()), {}, 'tls', 'HOST speaks TLS. Write https:// in the endpoint.'],
    ['the same for gRPC', () => bad.raw((socket) => socket.once('data', () => socket.end(alert)).resume()), GRPC, 'tls', 'HOST speaks TLS. Write https:// in the endpoint.'],
    ['TLS on a port for HTTP, which answers in words', answered(400, {}, 'Client sent an HTTP request to an HTTPS server.\n'), {}, 'tls', 'HOST speaks TLS. Write https:// in the endpoint.'],
    ['a connection that ends at once', bad.hangingUp, {}, 'answer', 'HOST ended the connection before it answered. If it needs TLS, write https:// in the endpoint.'],
    ['the same for gRPC', bad.hangingUp, GRPC, 'answer', `HOST ended the connection before it answered. ${USE_HTTP}`],
    ['a token that is refused', answered(401), HEADERS, 'answer', 'the backend answered HTTP 401: the token in OTEL_EXPORTER_OTLP_HEADERS was rejected.'],
    ['a token without a right', answered(403), HEADERS, 'answer', 'the backend answered HTTP 403: the token in OTEL_EXPORTER_OTLP_HEADERS was rejected. It may not be allowed to write metrics.'],
    ['no token', answered(401), {}, 'answer', 'the backend answered HTTP 401: no token is configured. Add "headers": {"authorization": "Bearer ${OTLP_TOKEN}"}. If the endpoint is from the environment, set OTEL_EXPORTER_OTLP_HEADERS.'],
    ['a wrong path', answered(404), {}, 'answer', `the backend answered HTTP 404 at /v1/metrics. ${BASE_URL}`],
    ['a path for logs', async () => `${await bad.status(405)}/otlp/v1/logs`, {}, 'answer', 'the backend answered HTTP 405 at /otlp/v1/logs/v1/metrics. This is a path for logs. Metrics have another one: Grafana Cloud and Mimir /otlp, Prometheus /api/v1/otlp'],
    ['JSON that is not taken', answered(415), { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'answer', `the backend answered HTTP 415 at /v1/metrics: it does not take http/json. Use http/protobuf, or another URL. ${BASE_URL}`],
    ['too many requests', answered(429, { 'retry-after': '90' }), {}, 'answer', 'the backend answered HTTP 429: too many requests, or a quota is used up. It asks for a pause of 90 s.'],
    ['a backend that is out of service', answered(503, { 'retry-after': '5' }), {}, 'answer', 'the backend answered HTTP 503: it is overloaded, or out of service for now. It asks for a pause of 5 s.'],
    ['a gateway without a backend', answered(502), {}, 'answer', 'the backend answered HTTP 502: a gateway before the backend does not reach it. Try again later.'],
    ['a redirect', answered(308, { location: 'https://user:s3cret-t0ken@otlp.example/v1/metrics?key=s3cret' }), {}, 'answer', 'the backend answered HTTP 308: it redirects to https://otlp.example, and redirects are not followed. Set the endpoint to the URL that takes metrics.'],
    ['a redirect with the token', answered(302, { location: 'https://s3cret-t0ken.example/login' }), HEADERS, 'answer', 'the backend answered HTTP 302: it redirects to another URL, and redirects are not followed. Set the endpoint to the URL that takes metrics.'],
    ['the login page of a network', answered(200, { 'content-type': 'text/html; charset=utf-8' }, 'Welcome to the hotel'), {}, 'answer', `HOST ${PAGE} ${BASE_URL}`],
    ['a page without a type', answered(200, {}, '\r\n<!DOCTYPE html>'), {}, 'answer', `HOST ${PAGE} ${BASE_URL}`],
    ['gRPC on the port for HTTP', grpcAnswering(({ stream }) => accept(stream)), {}, 'answer', 'HOST does not speak HTTP/1.1. If it is for gRPC, set the protocol to grpc. Else use the port for OTLP over HTTP, usually 4318.'],
    ['gRPC without metrics', grpcAnswering(({ stream }) => reject(stream, CODES.unimplemented, 'unknown service')), GRPC, 'answer', 'the backend answered gRPC status UNIMPLEMENTED: HOST does not take metrics over gRPC. Use the port for OTLP over gRPC, usually 4317, or set the protocol to http/protobuf.'],
    ['gRPC with a token that is refused', grpcAnswering(({ stream }) => reject(stream, 16, 'no')), { ...GRPC, ...HEADERS }, 'answer', 'the backend answered gRPC status UNAUTHENTICATED: the token in OTEL_EXPORTER_OTLP_HEADERS was rejected.'],
  ];

  test.each(rows)('%s', async (_, make, env, step, detail) => {
    const endpoint = await make();
    const { code, ok, steps } = await checked(endpoint, { env });
    expect({ code, ok, failed: steps.filter((it) => !it.ok) }).toEqual({
      code: 5, ok: false, failed: [{ step, ok: false, detail: detail.replaceAll('HOST', new URL(endpoint).host), ms: expect.any(Number) }],
    });
    expect(steps.at(-1).step).toBe(step);
  });

  test('HTTP on the port for gRPC', async () => {
    const endpoint = await bad.status(404);
    const { code, steps } = await checked(endpoint, { env: GRPC });
    expect({ code, step: steps.at(-1).step }).toEqual({ code: 5, step: 'answer' });
    // A server for HTTP/1.1 answers in words and ends the connection. The end can arrive first.
    expect([`does not speak gRPC. ${USE_HTTP}`, `ended the connection before it answered. ${USE_HTTP}`]).toContain(steps.at(-1).detail.replace(`${new URL(endpoint).host} `, ''));
  });

  test('a backend that refuses an empty request', async () => {
    const endpoint = await bad.answering((response, { headers }) => response.writeHead(Number(headers['content-length']) > 30 ? 200 : 400).end());
    const { code, steps } = await checked(endpoint);
    expect({ code, detail: steps.at(-1).detail }).toEqual({
      code: 5, detail: `the backend answered HTTP 400 at /v1/metrics. ${BASE_URL}. Some backends refuse an empty request. To send a data point as well: --point`,
    });
    const withPoint = await checked(endpoint, { args: ['--point'] });
    expect(withPoint).toMatchObject({ code: 0, ok: true });
    expect(withPoint.steps.map(({ step, ok }) => [step, ok])).toEqual([['connection', true], ['answer', true], ['point', true]]);
  });

  test('a data point that is rejected', async () => {
    let calls = 0;
    const endpoint = await open(createGrpcServer(({ stream }) => accept(stream, (calls += 1) === 1 ? undefined : { rejectedDataPoints: 1, errorMessage: 'out of order' })));
    const { code, steps } = await checked(endpoint, { env: GRPC, args: ['--point'] });
    expect({ code, last: steps.at(-1) }).toEqual({ code: 5, last: { step: 'partial_success', ok: false, detail: 'The backend rejected 1 data point. It says: out of order' } });
  });
});

describe('a proxy is named', () => {
  test('if it forwards the request', async () => {
    const receiver = await collector();
    const proxy = await proxyTo(receiver.endpoint);
    const { code, steps } = await checked('http://otlp.example:4318', { env: behind(proxy) });
    expect(code).toBe(0);
    expect(steps[0]).toMatchObject({ step: 'connection', detail: `connected to ${proxy.authority}. The proxy http://${proxy.authority} (HTTP_PROXY) forwards the request.` });
    expect(proxy.forwarded).toEqual(['http://otlp.example:4318/v1/metrics']);
  });

  test('if it relays the connection', async () => {
    const receiver = await collector();
    const proxy = await proxyTo(receiver.grpcEndpoint);
    const { code, steps } = await checked('http://otlp.example:4317', { env: { ...GRPC, ...behind(proxy) } });
    expect(code).toBe(0);
    expect(steps.slice(0, 2)).toMatchObject([
      { step: 'connection', detail: `connected to ${proxy.authority}, the proxy` },
      { step: 'proxy', detail: `The proxy http://${proxy.authority} (HTTP_PROXY) connects to otlp.example:4317.` },
    ]);
  });

  test.each([
    ['it wants another password', { credentials: 'a:b' }, ' asks for a user and a password that it accepts. Write them into the variable: http://USER:PASSWORD@HOST:PORT'],
    ['it does not connect', { refusal: 403 }, ' does not connect to otlp.example:443. If that needs no proxy, add its host to NO_PROXY.'],
  ])('if %s', async (_, options, detail) => {
    const proxy = await proxyTo(await bad.hanging(), options);
    const { code, steps } = await checked('https://otlp.example', { env: behind(proxy) });
    expect({ code, failed: steps.at(-1) }).toMatchObject({ code: 5, failed: { step: 'proxy', ok: false, detail: `The proxy http://***@${proxy.authority} (HTTPS_PROXY)${detail}` } });
  });

  test('if nothing listens there', async () => {
    const nowhere = new URL(await bad.refused()).host;
    const { code, steps } = await checked('https://otlp.example', { env: { HTTPS_PROXY: `http://${nowhere}` } });
    expect({ code, steps }).toMatchObject({ code: 5, steps: [{ step: 'connection', detail: `The proxy http://${nowhere} (HTTPS_PROXY): nothing listens there (connection refused).` }] });
  });
});

describe('over TLS', () => {
  let trusted;
  let issue;
  let stranger;
  const env = (more) => ({ SSL_CERT_FILE: trusted, ...more });

  beforeAll(() => {
    if (!available()) return;
    fs.mkdirSync(path.join(directory, 'stranger'));
    ({ file: trusted, issue } = authority(directory));
    stranger = authority(path.join(directory, 'stranger'));
  });

  there('version, issuer and expiry of the certificate are shown', async () => {
    const { code, steps } = await checked(await backend(issue('DNS:localhost')), { env: env() });
    expect(code).toBe(0);
    expect(steps.map(({ step }) => step)).toEqual(['name', 'connection', 'tls', 'answer']);
    expect(steps[2].detail).toBe(`TLS 1.3. The certificate is for server by test authority, until ${inDays(1)}.`);
  });

  there('an older version is shown', async () => {
    const { steps } = await checked(await backend({ ...issue('DNS:localhost'), maxVersion: 'TLSv1.2' }), { env: env() });
    expect(steps[2].detail).toMatch(/^TLS 1\.2\. /);
  });

  there.each([
    ['an authority that is not trusted', () => stranger.issue('DNS:localhost'), {}, () => `is from an authority that this machine does not trust. Set tls.ca_file, or OTEL_EXPORTER_OTLP_CERTIFICATE for an endpoint of the environment, to the certificate of that authority. It is for server by test authority, until ${inDays(1)}.`],
    ['an authority that is not the one of the config', () => stranger.issue('DNS:localhost'), { OTEL_EXPORTER_OTLP_CERTIFICATE: './ca.pem' }, () => `is not from the authority in OTEL_EXPORTER_OTLP_CERTIFICATE (./ca.pem). Put the certificate of its authority into that file. It is for server by test authority, until ${inDays(1)}.`],
    ['a certificate that has expired', () => issue('DNS:localhost', -1), {}, () => `has expired. Replace it there. If it is valid, correct the clock of this machine. It is for server by test authority, until ${inDays(-1)}.`],
    ['a certificate for another host', () => issue('DNS:elsewhere.example,IP:10.0.0.1'), {}, () => `is for elsewhere.example, 10.0.0.1, and not for localhost. Write a host name of the certificate into the endpoint. It is for server by test authority, until ${inDays(1)}.`],
  ])('%s', async (_, certificate, more, detail) => {
    const endpoint = await backend(certificate());
    const variables = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, value.replace('.', directory)]));
    const { code, steps } = await checked(endpoint, { env: env(variables) });
    const shown = steps.at(-1).detail.replaceAll(/\([^)]*ca\.pem\)/g, '(./ca.pem)');
    expect({ code, step: steps.at(-1).step, shown }).toEqual({ code: 5, step: 'tls', shown: `The certificate of ${new URL(endpoint).host} ${detail()}` });
  });

  there('a version that is too old', async () => {
    const endpoint = await backend({ ...issue('DNS:localhost'), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const { steps } = await checked(endpoint, { env: env() });
    expect(steps.at(-1)).toMatchObject({ step: 'tls', detail: `${new URL(endpoint).host} speaks neither TLS 1.2 nor TLS 1.3 with a cipher of today. Update it, or send to a collector before it.` });
  });

  there('plain HTTP to a server for TLS', async () => {
    const endpoint = (await backend(issue('DNS:localhost'))).replace('https:', 'http:');
    const { steps } = await checked(endpoint, { env: env() });
    expect(steps.at(-1)).toMatchObject({ ok: false, detail: `${new URL(endpoint).host} ended the connection before it answered. If it needs TLS, write https:// in the endpoint.` });
  });

  /** `openssl s_server` says why it refuses; a server of Node only ends the connection. */
  async function demanding() {
    const server = issue('DNS:localhost');
    fs.writeFileSync(path.join(directory, 's.key'), server.key);
    fs.writeFileSync(path.join(directory, 's.pem'), server.cert);
    const port = new URL(await bad.refused()).port;
    const child = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-key', path.join(directory, 's.key'), '-cert', path.join(directory, 's.pem'), '-CAfile', trusted, '-Verify', '1', '-verify_return_error', '-www'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => { child.on('exit', resolve); });
    cleanups.push(() => child.kill() && ended);
    await new Promise((resolve) => { child.stdout.on('data', (text) => `${text}`.includes('ACCEPT') && resolve()); });
    return `https://localhost:${port}`;
  }

  describe('a backend that wants a client certificate', () => {
    there('and gets none', async () => {
      const endpoint = await demanding();
      const { steps } = await checked(endpoint, { env: env() });
      expect(steps.at(-1)).toMatchObject({
        step: 'tls', ok: false,
        detail: `${new URL(endpoint).host} requires a client certificate. Set tls.certificate_file and tls.key_file, or OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY for an endpoint of the environment.`,
      });
    });

    there('and does not trust its authority', async () => {
      const endpoint = await demanding();
      const { steps } = await checked(endpoint, { env: env(client('foreign', stranger.issue('DNS:client'))) });
      expect(steps.at(-1).step).toBe('tls');
      expect(steps.at(-1).detail).toMatch(/^localhost:\d+ does not accept the client certificate in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE \(.+\)\. Use one that is valid and from an authority that it trusts\.$/);
    });

    there.each([
      ['the key of another certificate', () => ({ ...client('own', issue('DNS:client')), OTEL_EXPORTER_OTLP_CLIENT_KEY: client('other', issue('DNS:client')).OTEL_EXPORTER_OTLP_CLIENT_KEY }), /^the file of OTEL_EXPORTER_OTLP_CLIENT_KEY \(.+\) is not the key of the certificate in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE \(.+\)$/],
      ['a key file without a key', () => client('empty', { ...issue('DNS:client'), key: 'nothing' }), /^the file of OTEL_EXPORTER_OTLP_CLIENT_KEY \(.+\) contains no private key in PEM$/],
      ['an authority file that does not exist', () => ({ OTEL_EXPORTER_OTLP_CERTIFICATE: path.join(directory, 'none.pem') }), /^the file of OTEL_EXPORTER_OTLP_CERTIFICATE \(.+\) does not exist$/],
    ])('%s', async (_, variables, detail) => {
      const { code, steps, warnings } = await checked('https://localhost:9', { env: env(variables()) });
      expect({ code, steps }).toEqual({ code: 5, steps: [{ step: 'certificates', ok: false, detail: expect.stringMatching(detail) }] });
      expect(warnings).toHaveLength(1);
    });
  });
});

describe('without consent no connection is opened', () => {
  test.each([[['--connect']], [['--connect', '--point']], [['--connect', '--json']]])('to a project that is not approved: %j', async (args) => {
    const { seen, endpoint } = await counted();
    const config = { tier: 1, endpoint, names: 'all' };
    const cwd = project(config);
    const { code, stdout, stderr } = await call(['check', ...args], { cwd, home });
    expect(code).toBe(3);
    const { message, fix } = args.includes('--json') ? JSON.parse(stdout).error : { message: stderr };
    expect(message).toMatch(/^untrusted: .+ To approve: .+ trust /);
    if (args.includes('--json')) expect(fix).toMatch(/^To approve: .+ trust /);
    expect(seen.connections).toBe(0);
  });

  test('to another machine, with what has to be done', async () => {
    const cwd = project({ tier: 1, endpoint: 'https://otlp.example' });
    expect(await call(['check', '--connect'], { cwd, home })).toEqual({ code: 3, stdout: '', stderr: `${untrusted(cwd, asks('https://otlp.example'))}\n` });
  });

  test.each([
    ['the tier is 0', { CCXRAY_OTEL_TIER: '0' }],
    ['the SDK is disabled', { OTEL_SDK_DISABLED: 'true' }],
    ['tracking is not wanted', { DO_NOT_TRACK: '1' }],
  ])('if %s', async (_, veto) => {
    const { seen, endpoint } = await counted();
    const { code, stdout } = await call(['check', '--connect', '--point'], { cwd: project({ tier: 1, endpoint }), home, env: veto });
    expect({ code, connections: seen.connections }).toEqual({ code: 1, connections: 0 });
    expect(stdout).toMatch(/^Telemetry is off: [^\n]+\n$/);
  });

  test('the addon itself refuses as well', async () => {
    const { seen, endpoint } = await counted();
    const addon = require('../..');
    const report = await addon.probe({ cwd: project({ tier: 1, endpoint, names: 'all' }), home, env: {} }, true);
    expect(report).toEqual({ ok: false, reason: expect.stringMatching(/^untrusted: /), steps: [] });
    expect(seen.connections).toBe(0);
  });
});

test('values of variables are not shown', async () => {
  const { port } = new URL(await bad.status(404));
  const cwd = project({ tier: 1, endpoint: 'http://${PLACE}/${TENANT}' });
  const { code, stdout, stderr } = await call(['check', '--connect', '--json'], { cwd, home, env: { CCXRAY_OTEL_TRUST: '1', PLACE: `localhost:${port}`, TENANT: 't3nant' } });
  const { steps } = JSON.parse(stdout);
  expect({ code, stderr, details: steps.map(({ detail }) => detail) }).toEqual({
    code: 5, stderr: '',
    details: ['The host name has an address.', 'connected', `the backend answered HTTP 404 at http://\${PLACE}/\${TENANT}. ${BASE_URL}`],
  });
});

describe('what is sent', () => {
  test.each(['http/protobuf', 'http/json'])('is one empty request with %s', async (protocol) => {
    const { code, accepted, points, last } = await bodies([], { OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    expect({ code, accepted, points, metrics: last.resourceMetrics ?? [] }).toEqual({ code: 0, accepted: 1, points: 0, metrics: [] });
  });

  test('with --point is one data point more, without attributes', async () => {
    const { code, accepted, points, last } = await bodies(['--point'], HEADERS);
    expect({ code, accepted, points }).toEqual({ code: 0, accepted: 2, points: 1 });
    const [{ resource, scopeMetrics }] = last.resourceMetrics;
    expect(new Set(resource.attributes.map(({ key }) => key))).toEqual(new Set(['ccxray.schema.version', 'ccxray.source', 'service.instance.id', 'service.name']));
    expect(scopeMetrics[0].metrics).toEqual([expect.objectContaining({ name: 'ccxray.otel.check', gauge: { dataPoints: [{ timeUnixNano: expect.any(String), asInt: '1' }] } })]);
  });

  test('is sent once, whatever the answer is', async () => {
    let requests = 0;
    const endpoint = await open(http.createServer((request, response) => {
      requests += 1;
      request.resume().on('end', () => response.writeHead(503).end());
    }));
    await checked(endpoint);
    expect(requests).toBe(1);
  });
});

describe('the text', () => {
  test('shows each step in a table', async () => {
    const receiver = await collector();
    const endpoint = receiver.endpoint.replace('127.0.0.1', 'localhost');
    const { code, stdout } = await call(['check', '--connect'], { cwd: project(), home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
    const { port } = new URL(endpoint);
    expect({ code, stdout: stdout.replaceAll(/ +\d+ ms/g, ' N ms') }).toEqual({
      code: 0,
      stdout: `Telemetry is on (tier 1, anonymous). It sends to ${endpoint}/v1/metrics (your own settings).

one empty request
  ok  name N ms  localhost is 127.0.0.1, ::1
  ok  connection N ms  connected to 127.0.0.1:${port}
  ok  answer N ms  HTTP 200: the backend took an empty request.

The backend takes what this project sends.
`,
    });
  });

  test('has long details below the step, in 80 columns', async () => {
    const endpoint = await bad.status(404);
    const env = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
    const { code, stdout } = await call(['check', '--connect'], { cwd: project(), home, env });
    expect(code).toBe(5);
    expect(stdout.split('\n').slice(2).join('\n').replaceAll(/ +\d+ ms/g, ' N ms')).toBe(`one empty request
  ok connection N ms  connected to ${new URL(endpoint).host}
  failed answer N ms
    the backend answered HTTP 404 at /v1/metrics. The base URL is probably
    wrong: Prometheus /api/v1/otlp, VictoriaMetrics /opentelemetry, Grafana
    Cloud /otlp

The backend does not take what this project sends: see the failed step.
`.replaceAll(/^ {2}ok /gm, '  ok      ').replaceAll(/failed answer/g, 'failed  answer'));
  });

  test('has the warnings of the config first', async () => {
    const env = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otlp.example', ...HEADERS };
    const { code, stdout } = await call(['check'], { cwd: project(), home, env });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Telemetry is on (tier 1, anonymous). It sends to http://otlp.example/v1/metrics (your own settings).

warnings
  OTEL_EXPORTER_OTLP_HEADERS: authorization is sent unencrypted, because the
  endpoint is http:// on another machine. Use https://.
`,
    });
  });

  test('refuses --point without --connect', async () => {
    expect(await call(['check', '--point'], { cwd: project(), home })).toEqual({ code: 2, stdout: '', stderr: '--point needs --connect. See: ccxray-otel check --help\n' });
  });
});

async function proxyTo(url, options) {
  const proxy = await startProxy({ port: Number(new URL(url).port), ...options });
  cleanups.push(() => proxy.close());
  return proxy;
}

function client(name, certificate) {
  fs.writeFileSync(path.join(directory, `${name}.key`), certificate.key);
  fs.writeFileSync(path.join(directory, `${name}.pem`), certificate.cert);
  return { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: path.join(directory, `${name}.pem`), OTEL_EXPORTER_OTLP_CLIENT_KEY: path.join(directory, `${name}.key`) };
}

/** A server that counts its connections. */
async function counted() {
  const seen = { connections: 0 };
  const server = net.createServer((socket) => {
    seen.connections += 1;
    socket.destroy();
  });
  return { seen, endpoint: await open(server) };
}

const bodies = async (args, env) => {
  const receiver = await collector();
  const { code } = await checked(receiver.endpoint, { args, env });
  return { code, accepted: receiver.requests.accepted, points: receiver.points, last: receiver.lastRequest };
};
