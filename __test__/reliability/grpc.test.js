'use strict';

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const { faultLab } = require('../../testkit/faults/lab');
const { trial, withSecrets } = require('../../testkit/faults/trial');
const { authority, available } = require('../../testkit/certificates');

const lab = faultLab();
const { host } = lab;
const collector = (options) => lab.collector({ isGrpc: true, ...options });

const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
/** Long enough to see that there is no answer, and short enough for five flushes. */
const FLUSH_MS = 500;
const FAILURES = 5;
const OPENED = ['disabled', 'active', 'circuit_open'];
const NOTHING_DROPPED = { rejected: 0, partial_success: 0, shutdown: 0 };
const USE_HTTP = 'If it is for OTLP over HTTP, set the protocol to http/protobuf. Else use the port for gRPC, usually 4317.';
const TOKEN = 'the token in OTEL_EXPORTER_OTLP_HEADERS was rejected.';

/** The message about a failure that is retried: the time may be over before the last try. */
function retried(lastError) {
  const escaped = lastError.replaceAll(/[.()]/g, String.raw`\$&`);
  return expect.stringMatching(new RegExp(`^(${escaped}|no answer in time)$`));
}

const code = (name, rest = '') => `the backend answered gRPC status ${name}${rest}`;
const ended = ({ host: authorityOf }) => retried(`${authorityOf} ended the connection before it answered. ${USE_HTTP}`);
const noGrpc = ({ host: authorityOf }) => `${authorityOf} does not speak gRPC. ${USE_HTTP}`;
const noMetrics = (name) => ({ host: authorityOf }) => code(name, `: ${authorityOf} does not take metrics over gRPC. Use the port for OTLP over gRPC, usually 4317, or set the protocol to http/protobuf.`);

describe('over gRPC, the host does not notice a collector that', () => {
  const rejected = { rejected: FAILURES };
  /** What it becomes, the message after five failures (or how to make it from the endpoint), the class, and what is counted as dropped. */
  const failing = [
    ['refuses', ({ host: authorityOf }) => retried(`Nothing listens on ${authorityOf} (connection refused).`), 'no_connection'],
    ['hangs', 'no answer in time', 'timeout'],
    ['drips', 'no answer in time', 'timeout'],
    ['resets', ended, 'connection_broken'],
    ['hangsUp', ended, 'connection_broken'],
    // What something that is not HTTP/2 answers, and what a server for HTTP/1.1 does.
    ['speaksNoHttp', noGrpc, 'other_protocol'],
    ['hangsWithinAnswer', noGrpc, 'other_protocol'],
    ['goesAway', ended, 'connection_broken'],
    ['resetsStream', ended, 'connection_broken'],
    ['refusesStream', ended, 'connection_broken'],
    ['slowHeaders', 'no answer in time', 'timeout'],
    ['hangsWithinCall', 'no answer in time', 'timeout'],
    ['noStatus', retried('the connection broke within the answer'), 'connection_broken'],
    ['trailersOnly', retried(code('UNAVAILABLE')), 'grpc_unavailable'],
    ['100 MB', 'the answer is too large', 'answer_too_large'],
    ['code 14', retried(code('UNAVAILABLE')), 'grpc_unavailable'],
    ['code 4', retried(code('DEADLINE_EXCEEDED')), 'grpc_deadline_exceeded'],
    ['code 3', code('INVALID_ARGUMENT'), 'grpc_invalid_argument', rejected],
    ['code 8', code('RESOURCE_EXHAUSTED'), 'grpc_resource_exhausted', rejected],
    ['code 16', code('UNAUTHENTICATED', `: ${TOKEN}`), 'grpc_unauthenticated', rejected],
    ['code 12', noMetrics('UNIMPLEMENTED'), 'grpc_unimplemented', rejected],
    ['HTTP 200', noGrpc, 'other_protocol'],
    ['HTTP 404', ({ host: authorityOf }) => `${authorityOf} answered HTTP 404, and not gRPC. ${USE_HTTP}`, 'http_404', rejected],
    ['HTTP 503', retried('the backend answered HTTP 503, and not gRPC'), 'http_503'],
  ];

  test.each(failing)('%s', async (fault, ...[message, failure, dropped]) => {
    const backend = await collector();
    const lastError = typeof message === 'function' ? message(new URL(backend.endpoint)) : message;
    const { ending } = await trial(lab, {
      endpoint: backend.endpoint,
      options: { env: GRPC },
      expected: opened(lastError, dropped),
      transitions: OPENED,
      classes: [failure],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.setFault(fault);
        expect(await failed(running, FAILURES + 2)).toBe(true);
      },
    });
    expect(ending.final.status.exports.dropped).toMatchObject({ rejected: dropped ? FAILURES + 1 : 0, shutdown: 0 });
  });

  test('answers partial success', async () => {
    const backend = await collector();
    await trial(lab, {
      endpoint: backend.endpoint,
      options: { env: GRPC },
      expected: healthy({ partial_success: expect.any(Number) }),
      async trouble(running) {
        await backend.setFault('partialSuccess');
        for (let i = 0; i < FAILURES; i += 1) {
          await running.request();
          expect(await running.flush(5000)).toEqual([true]);
        }
      },
      async after(running, { exports }) {
        expect(exports.dropped.partial_success).toBe(backend.receivedDuring.partialSuccess);
        await backend.setFault('healthy');
      },
    });
  });

  test('answers OK with a message that is not OTLP', async () => {
    const backend = await collector();
    await trial(lab, {
      endpoint: backend.endpoint,
      options: { env: GRPC },
      expected: healthy(),
      async trouble(running) {
        await backend.setFault('garbage');
        expect(await running.flush(5000)).toEqual([true]);
      },
    });
    expect(backend.receivedDuring.garbage).toBeGreaterThan(0);
  });

  test('asks in RetryInfo for a pause of one hour, of which ten minutes are respected', async () => {
    const backend = await collector();
    await trial(lab, {
      endpoint: backend.endpoint,
      options: { env: GRPC },
      expected: {
        state: 'active',
        cooldownRemainingMs: expect.any(Number),
        exports: { failed: 1, consecutiveFailures: 1, lastError: code('RESOURCE_EXHAUSTED'), dropped: NOTHING_DROPPED },
      },
      classes: ['grpc_resource_exhausted'],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.setFault('code 8 and an hour');
        await running.request();
        expect(await running.flush(5000)).toEqual([false]);
        expect(await failed(running, FAILURES)).toBe(true);
      },
      async after(_, { cooldownRemainingMs }) {
        expect(cooldownRemainingMs).toBeGreaterThan(500_000);
        expect(backend.receivedDuring['code 8 and an hour']).toBe(1);
      },
    });
  });

  test('asks in RetryInfo for a pause of one second, after which it is tried again', async () => {
    const backend = await collector();
    const running = await host({ env: withSecrets(backend.endpoint, GRPC) });
    await running.request();
    expect(await running.flush(5000)).toEqual([true]);
    await backend.setFault('code 14 and a second');
    await running.request();
    const flush = running.flush(5000);
    await received(backend, 'code 14 and a second');
    await backend.setFault('healthy');
    expect(await flush).toEqual([true]);
    expect(backend.receivedDuring['code 14 and a second']).toBe(1);
    const { final } = await running.stop();
    expect(amountsAt(backend)).toEqual(amountsOf(final.recorded));
  });
});

describe.each(['cumulative', 'delta'])('over gRPC with %s temporality, everything arrives exactly once', (temporality) => {
  const env = { ...GRPC, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality };
  /** Faults in which a collector accepts nothing, so that all data can be sent later. */
  const temporary = ['refuses', 'hangs', 'resets', 'goesAway', 'resetsStream', 'slowHeaders', 'noStatus', 'trailersOnly', 'code 8', 'code 14', 'code 16', 'HTTP 404', '100 MB'];

  test.each(temporary)('if only the last export succeeds after a long fault: %s', async (fault) => {
    const backend = await collector();
    const running = await host({ env: withSecrets(backend.endpoint, env) });
    await requests(running, 20);
    expect(await running.flush(5000)).toEqual([true]);
    await backend.setFault(fault);
    for (let i = 0; i < FAILURES; i += 1) {
      await requests(running, 5);
      await running.flush(150);
    }
    expect(await running.status()).toMatchObject({ state: 'circuit_open', exports: { failed: FAILURES } });
    await requests(running, 5);
    const before = amountsAt(backend);
    await backend.setFault('healthy');
    const { code: exit, final } = await running.stop();
    expect({ exit, state: final.status.state }).toEqual({ exit: 0, state: 'disabled' });
    expect(before.turns).toBe(20);
    expect(amountsAt(backend)).toEqual(amountsOf(final.recorded));
    expect({ overlaps: backend.overlaps, broken: backend.broken }).toEqual({ overlaps: [], broken: [] });
  });
});

describe('over gRPC with TLS', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-grpc-'));
  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
  const there = available() ? test : test.skip;
  if (!available()) process.stderr.write('grpc.test.js: tests of certificates are skipped, because openssl is not installed\n');
  let trusted;
  let certificates;

  beforeAll(() => {
    if (!available()) return;
    const { file, issue } = authority(directory);
    trusted = file;
    const healthyOne = issue('DNS:localhost');
    certificates = {
      healthy: healthyOne,
      expired: issue('DNS:localhost', -1),
      wrongProtocol: { ...healthyOne, ALPNProtocols: ['http/1.1'] },
    };
  });

  there('everything arrives', async () => {
    const backend = await collector({ certificates });
    const { ending } = await trial(lab, {
      endpoint: backend.endpoint,
      options: { env: { ...GRPC, SSL_CERT_FILE: trusted } },
      expected: healthy(),
      trouble: async (running) => void expect(await running.flush(5000)).toEqual([true]),
    });
    expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
    expect(backend.broken).toEqual([]);
  });

  there.each([
    ['expired', ({ host: authorityOf }) => expect.stringContaining(`The certificate of ${authorityOf} has expired. `), 'tls'],
    ['wrongProtocol', noGrpc, 'other_protocol'],
  ])('the host is not affected by a certificate or a protocol that is wrong: %s', async (fault, message, failure) => {
    const backend = await collector({ certificates });
    const lastError = typeof message === 'function' ? message(new URL(backend.endpoint)) : message;
    await trial(lab, {
      endpoint: backend.endpoint,
      options: { env: { ...GRPC, SSL_CERT_FILE: trusted } },
      expected: opened(lastError),
      transitions: OPENED,
      classes: [failure],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.setFault(fault);
        expect(await failed(running, FAILURES + 1)).toBe(true);
      },
    });
  });
});

describe('a wrong port is named with the cure', () => {
  test('a port for OTLP over HTTP with the protocol grpc', async () => {
    const server = http.createServer((request, response) => request.resume().on('end', () => response.writeHead(404).end()));
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    lab.cleanup(() => server.closeAllConnections() ?? server.close());
    const { port } = server.address();
    const running = await host({ env: withSecrets(`http://127.0.0.1:${port}`, GRPC) });
    expect(await failed(running, 1)).toBe(true);
    expect((await running.status()).exports.lastError).toBe(`127.0.0.1:${port} does not speak gRPC. ${USE_HTTP}`);
    await running.stop();
  });

  test('a port for gRPC with the protocol http/protobuf', async () => {
    const backend = await collector();
    const running = await host({ env: withSecrets(backend.endpoint) });
    expect(await failed(running, 1)).toBe(true);
    expect((await running.status()).exports.lastError).toBe(
      `127.0.0.1:${backend.port} does not speak HTTP/1.1. If it is for gRPC, set the protocol to grpc. Else use the port for OTLP over HTTP, usually 4318.`,
    );
    await running.stop();
  });

  test('an endpoint with a path', async () => {
    const running = await host({ env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317/otlp', ...GRPC } });
    expect(running.started).toMatchObject({
      state: 'degraded',
      reason: expect.stringContaining('The endpoint has a path, which the protocol grpc does not use. Write host and port of the gRPC receiver alone, like "http://127.0.0.1:4317".'),
    });
    await running.stop();
  });
});

/** The status after five failures. */
function opened(lastError, dropped = {}) {
  return {
    state: 'circuit_open',
    reason: lastError,
    cooldownRemainingMs: expect.any(Number),
    exports: { failed: FAILURES, consecutiveFailures: FAILURES, lastError, lastFailureAtMs: expect.any(Number), dropped: { ...NOTHING_DROPPED, ...dropped } },
  };
}

/** The status without any failure. */
function healthy(dropped = {}) {
  return { state: 'active', exports: { failed: 0, consecutiveFailures: 0, dropped: { ...NOTHING_DROPPED, ...dropped } } };
}

async function requests(running, count) {
  for (let i = 0; i < count; i += 1) await running.request();
}

/** Makes a turn and flushes, that many times. Resolves to whether all flushes failed. */
async function failed(running, times) {
  const results = [];
  for (let i = 0; i < times; i += 1) {
    await running.request();
    results.push(...(await running.flush(FLUSH_MS)));
  }
  return results.every((delivered) => !delivered);
}

async function received(backend, fault) {
  while (backend.receivedDuring[fault] === undefined) await new Promise((resolve) => { setTimeout(resolve, 5); });
}
