'use strict';

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const { faultLab } = require('../../testkit/faults/lab');
const { trial, withSecrets } = require('../../testkit/faults/trial');
const { problemsOf } = require('../../testkit/faults/verdict');
const { answered, ended, otherProtocol, refused } = require('../../testkit/receiver/answers');
const { authority, available } = require('../../testkit/certificates');

const lab = faultLab();
const { collector, host } = lab;

/** Long enough to see that there is no answer, and short enough for five flushes. */
const FLUSH_MS = 250;
const FAILURES = 5;
const OPENED = ['disabled', 'active', 'circuit_open'];
const NOTHING_DROPPED = { rejected: 0, partial_success: 0, shutdown: 0 };

/** The status after five failures. */
function opened(lastError, dropped = {}) {
  return {
    state: 'circuit_open',
    reason: lastError,
    cooldownRemainingMs: expect.any(Number),
    exports: { failed: FAILURES, consecutiveFailures: FAILURES, lastError, lastFailureAtMs: expect.any(Number), dropped: { ...NOTHING_DROPPED, ...dropped } },
  };
}

/** The message about a failure that is retried: the time may be over before the last try. */
function retried(lastError) {
  const escaped = lastError.replaceAll(/[.()]/g, String.raw`\$&`);
  return expect.stringMatching(new RegExp(`^(${escaped}|no answer in time)$`));
}

/** The status without any failure. */
function healthy(dropped = {}) {
  return { state: 'active', exports: { failed: 0, consecutiveFailures: 0, dropped: { ...NOTHING_DROPPED, ...dropped } } };
}

describe('the host does not notice a collector that', () => {
  /** What it becomes, the message after five failures (or how to make it from the endpoint), and the class; a rejection is counted. */
  const failing = [
    ['refuses', (endpoint) => retried(refused(endpoint)), 'no_connection'],
    ['hangs', 'no answer in time', 'timeout'],
    ['hangsWithinAnswer', 'no answer in time', 'timeout'],
    ['drips', 'no answer in time', 'timeout'],
    ['resets', (endpoint) => retried(ended(endpoint)), 'connection_broken'],
    ['hangsUp', (endpoint) => retried(ended(endpoint)), 'connection_broken'],
    ['speaksNoHttp', (endpoint) => otherProtocol(endpoint), 'other_protocol'],
    ['100 MB', 'the answer is too large', 'answer_too_large'],
    ['page', expect.stringMatching(/^127\.0\.0\.1:\d+ answered with a web page, and not with OTLP\. /), 'not_otlp'],
    ['503', retried(answered(503)), 'http_503'],
    ['429', retried(answered(429)), 'http_429'],
    ...['400', '401', '404', '413', '500'].map((status) => [status, answered(Number(status)), `http_${status}`, { rejected: FAILURES }]),
    ['redirects', expect.stringMatching(/^the backend answered HTTP 307: it redirects to http:\/\/127\.0\.0\.1:\d+, and redirects are not followed\. Set the endpoint to the URL that takes metrics\.$/), 'http_307', { rejected: FAILURES }],
  ];

  test.each(failing)('%s', async (fault, ...[message, failure, dropped]) => {
    const backend = await collector();
    const lastError = typeof message === 'function' ? message(backend.endpoint) : message;
    const { status, ending } = await trial(lab, {
      endpoint: backend.endpoint,
      expected: opened(lastError, dropped),
      transitions: OPENED,
      classes: [failure],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.setFault(fault);
        expect(await failed(running, FAILURES + 2)).toBe(true);
      },
    });
    expect(status.cooldownRemainingMs).toBeLessThanOrEqual(60_000);
    expect(status.exports.delivered).toBeGreaterThan(0);
    // What the last export could not deliver is in a file.
    expect(ending.final.status.exports.dropped).toMatchObject({ rejected: dropped ? FAILURES + 1 : 0, shutdown: 0 });
    expect(backend.elsewhere).toBe(0);
  });

  test('answers partial success', async () => {
    const backend = await collector();
    const { status } = await trial(lab, {
      endpoint: backend.endpoint,
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
        expect(exports.dropped.partial_success).toBeGreaterThanOrEqual(FAILURES);
        await backend.setFault('healthy');
      },
    });
    expect(status.reason).toBeUndefined();
  });

  test('answers 200 with a body that is not OTLP', async () => {
    const backend = await collector();
    await trial(lab, {
      endpoint: backend.endpoint,
      expected: healthy(),
      async trouble(running) {
        await backend.setFault('garbage');
        expect(await running.flush(5000)).toEqual([true]);
      },
    });
    expect(backend.receivedDuring.garbage).toBeGreaterThan(0);
  });

  test('sends a Retry-After of one hour, of which ten minutes are respected', async () => {
    const backend = await collector();
    await trial(lab, {
      endpoint: backend.endpoint,
      expected: {
        state: 'active',
        cooldownRemainingMs: expect.any(Number),
        exports: { failed: 1, consecutiveFailures: 1, lastError: answered(429), dropped: NOTHING_DROPPED },
      },
      classes: ['http_429'],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.setFault('429 and an hour');
        expect(await failed(running, FAILURES)).toBe(true);
      },
      async after(_, { cooldownRemainingMs }) {
        expect(cooldownRemainingMs).toBeGreaterThan(500_000);
        expect(backend.receivedDuring['429 and an hour']).toBe(1);
      },
    });
  });

  test('ends, and another server without HTTP takes its port', async () => {
    const backend = await collector();
    let successor;
    await trial(lab, {
      endpoint: backend.endpoint,
      expected: opened(otherProtocol(backend.endpoint)),
      transitions: OPENED,
      classes: ['no_connection', 'other_protocol'],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.setFault('refuses');
        expect(await failed(running, 2)).toBe(true);
        successor = net.createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('220 mail.example ESMTP\r\n')));
        await new Promise((resolve) => { successor.listen(backend.port, '127.0.0.1', resolve); });
        expect(await failed(running, 3)).toBe(true);
      },
      async after() {
        await new Promise((resolve) => { successor.close(resolve); });
        await backend.setFault('healthy');
      },
    });
  });

  test('has an unknown host name', async () => {
    await trial(lab, {
      endpoint: 'https://nothing.invalid:4318',
      expected: opened(retried('Host name nothing.invalid is unknown.')),
      transitions: OPENED,
      classes: [expect.stringMatching(/^(no_connection|timeout)$/)],
      trouble: async (running) => void (await failed(running, FAILURES)),
    });
  });
});

describe('the host is not affected by a collector whose certificate', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-faults-'));
  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
  if (!available()) process.stderr.write('collector.test.js: tests of certificates are skipped, because openssl is not installed\n');
  let trusted;
  let certificates;

  beforeAll(() => {
    if (!available()) return;
    const stranger = path.join(directory, 'stranger');
    fs.mkdirSync(stranger);
    const { file, issue } = authority(directory);
    trusted = file;
    certificates = {
      healthy: issue('DNS:localhost'),
      expired: issue('DNS:localhost', -1),
      wrongHost: issue('DNS:elsewhere.example'),
      selfSigned: authority(stranger).issue('DNS:localhost'),
    };
  });

  (available() ? test : test.skip).each([
    ['has expired', 'expired', 'has expired'],
    ['belongs to another host', 'wrongHost', 'is for elsewhere.example, and not for localhost'],
    ['is self-signed', 'selfSigned', 'is from an authority that this machine does not trust'],
  ])('%s', async (_, fault, cause) => {
    const backend = await collector({ certificates });
    await trial(lab, {
      endpoint: backend.endpoint,
      options: { env: { SSL_CERT_FILE: trusted } },
      expected: opened(expect.stringContaining(`The certificate of ${new URL(backend.endpoint).host} ${cause}. `)),
      transitions: OPENED,
      classes: ['tls'],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.setFault(fault);
        expect(await failed(running, FAILURES + 1)).toBe(true);
      },
    });
    expect(backend.receivedDuring[fault]).toBeUndefined();
  });
});

describe.each(['cumulative', 'delta'])('with %s temporality, everything arrives exactly once', (temporality) => {
  const env = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality };

  test('after a collector recovers from answering 500', async () => {
    const backend = await collector();
    const { ending } = await trial(lab, {
      endpoint: backend.endpoint,
      options: { env },
      expected: { state: 'active', exports: { failed: 3, consecutiveFailures: 0, dropped: { partial_success: 0, shutdown: 0 } } },
      classes: ['http_500'],
      async trouble(running) {
        await backend.setFault('500');
        expect(await failed(running, 3)).toBe(true);
        await running.request();
        await backend.setFault('healthy');
        expect(await running.flush(5000)).toEqual([true]);
      },
    });
    expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
  });

  /** Faults in which a collector accepts nothing, so that all data can be sent later. */
  const temporary = ['refuses', 'hangs', 'hangsWithinAnswer', 'drips', 'resets', 'hangsUp', 'speaksNoHttp', '401', '404', '429', '500', '503', 'redirects', 'page', '100 MB'];

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
    const { code, final } = await running.stop();
    expect({ code, state: final.status.state }).toEqual({ code: 0, state: 'disabled' });
    expect(before.turns).toBe(20);
    expect(amountsAt(backend)).toEqual(amountsOf(final.recorded));
    expect(final.recorded.turns).toBe(50);
    expect({ overlaps: backend.overlaps, broken: backend.broken }).toEqual({ overlaps: [], broken: [] });
  });
});

test('with cumulative temporality, lost answers cause no duplicates', async () => {
  const backend = await collector();
  const { ending } = await trial(lab, {
    endpoint: backend.endpoint,
    expected: { state: 'active', exports: { failed: 3, consecutiveFailures: 0 } },
    classes: ['connection_broken'],
    async trouble(running) {
      await backend.setFault('losesAnswers');
      expect(await failed(running, 3)).toBe(true);
      await backend.setFault('healthy');
      await running.request();
      expect(await running.flush(5000)).toEqual([true]);
    },
  });
  expect(backend.receivedDuring.losesAnswers).toBeGreaterThanOrEqual(3);
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
});

test('a collector with only an IPv6 address gets everything', async () => {
  const backend = await collector({ host: '::1' });
  const { ending } = await trial(lab, {
    endpoint: backend.endpoint,
    expected: healthy(),
    trouble: async (running) => void expect(await running.flush(5000)).toEqual([true]),
  });
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.recorded));
});

describe('a trial detects', () => {
  test('a host that blocks in every call', async () => {
    const backend = await collector();
    const judged = trial(lab, { endpoint: backend.endpoint, options: { blockMs: 30 }, requests: 20, expected: healthy(), trouble: async () => {} });
    await expect(judged).rejects.toThrow(/record took [\d.]+ us, and [\d.]+ us without trouble[^]*requests took [\d.]+ ms, and [\d.]+ ms without/);
  });

  test('a host that is killed', async () => {
    const backend = await collector();
    const judged = trial(lab, { endpoint: backend.endpoint, requests: 20, expected: healthy(), trouble: async (running) => running.signal('SIGKILL') });
    await expect(judged).rejects.toThrow();
  });

  /** A change to the measurements, and the problem that must be reported. */
  const changes = [
    [(seen) => { seen.cost.max = seen.cost.waited + 250_001; }, /one call of record took [\d.]+ us/],
    [(seen) => { seen.cost.count = 0; }, /called only 0 times/],
    [(seen) => { seen.latency.on.p99 = 3 * seen.latency.off.p99 + 51; }, /some requests took/],
    [(seen) => { seen.grown = 51_000_000; }, /memory grew by 51000000 bytes/],
    [(seen) => { seen.made += 1; }, /turns were made/],
    [(seen) => { seen.status.entries.processed += 1; }, /counts do not add up/],
    [(seen) => { seen.status.exports.attempted += 1; }, /neither delivered nor failed/],
    [(seen) => { seen.status.lastHour.delivered += 1; }, /last hour/],
    [(seen) => { seen.status.transitions = []; }, /transitions do not lead to active/],
    [(seen) => { seen.status.transitions[0].reason = ''; }, /no reason/],
    [(seen) => { seen.status.cooldownRemainingMs = -1; }, /cooldown is -1 ms/],
    [(seen) => { seen.status.files.lost = 1; }, /lines were lost/],
    [(seen) => { seen.log.pop(); }, /log has transitions to active/],
    [(seen) => { seen.log[0].time = '2026'; }, /no time/],
    [(seen) => { seen.log[0].error = 'Bearer h3ader'; }, /secret is in log/],
    [(seen) => { seen.snapshot.projects[0].endpoint = 'http://a/?token=qu3ry'; }, /secret is in snapshot/],
    [(seen) => { seen.snapshot = undefined; }, /status file has undefined/],
    [(seen) => { seen.isLeft = true; }, /status file still exists/],
    [(seen) => { seen.ending.code = 1; }, /ended with 1/],
    [(seen) => { seen.ending.elapsedMs = 2800; }, /exit took 2800 ms/],
    [(seen) => { seen.ending.stderr += 'a line\n'; }, /standard error has/],
    [(seen) => { seen.ending.final = undefined; }, /without a final state/],
    [(seen) => { seen.ending.final.status.entries.queued = 1; }, /1 entries are still queued/],
    [(seen) => { seen.ending.final.status.entries.dropped.panic = 1; }, /counts do not add up in the end[^]*entries were dropped/],
    [(seen) => { seen.ending.final.status.transitions.pop(); }, /it ended as/],
  ];

  test('all other problems', async () => {
    const backend = await collector();
    const { seen } = await trial(lab, {
      endpoint: backend.endpoint,
      expected: healthy(),
      trouble: async (running) => void expect(await running.flush(5000)).toEqual([true]),
    });
    expect(problemsOf(seen)).toEqual([]);
    for (const [change, problem] of changes) {
      const changed = structuredClone(seen);
      change(changed);
      expect(problemsOf(changed).join('\n')).toMatch(problem);
    }
  });
});

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
