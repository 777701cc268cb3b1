'use strict';

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { amountsAt, amountsOf } = require('../../testkit/faults/amounts');
const { stage } = require('../../testkit/faults/stage');
const { trial, withSecrets } = require('../../testkit/faults/trial');
const { problemsOf } = require('../../testkit/faults/verdict');
const { answered, refused } = require('../../testkit/receiver/answers');
const { authority, available } = require('../../testkit/certificates');

const on = stage();
const { collector, host } = on;

/** Longer than it takes to see that nobody answers, and short enough for five of them. */
const FLUSH_MS = 250;
const FAILURES = 5;
const OPENED = ['disabled', 'active', 'circuit_open'];
const NOTHING_DROPPED = { rejected: 0, partial_success: 0, shutdown: 0 };

/** How the status is after five failures. */
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

/** How the status is as long as nothing went wrong. */
function well(dropped = {}) {
  return { state: 'active', exports: { failed: 0, consecutiveFailures: 0, dropped: { ...NOTHING_DROPPED, ...dropped } } };
}

describe('the host does not notice a collector that', () => {
  /** What it becomes, the message after five failures (or how to make it from the endpoint), and the class; a rejection is counted. */
  const failing = [
    ['refuses', (endpoint) => retried(refused(endpoint)), 'no_connection'],
    ['hangs', 'no answer in time', 'timeout'],
    ['hangsWithinAnswer', 'no answer in time', 'timeout'],
    ['drips', 'no answer in time', 'timeout'],
    ['resets', retried('the connection broke'), 'connection_broken'],
    ['hangsUp', retried('the connection broke'), 'connection_broken'],
    ['speaksNoHttp', retried('the connection broke'), 'connection_broken'],
    ['100 MB', 'the answer is too large', 'answer_too_large'],
    ['503', retried(answered(503)), 'http_503'],
    ['429', retried(answered(429)), 'http_429'],
    ...['400', '401', '404', '413', '500'].map((status) => [status, answered(Number(status)), `http_${status}`, { rejected: FAILURES }]),
    ['redirects', answered(307), 'http_307', { rejected: FAILURES }],
  ];

  test.each(failing)('%s', async (fault, ...[message, failure, dropped]) => {
    const backend = await collector();
    const lastError = typeof message === 'function' ? message(backend.endpoint) : message;
    const { status, ending } = await trial(on, {
      endpoint: backend.endpoint,
      expected: opened(lastError, dropped),
      transitions: OPENED,
      classes: [failure],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.become(fault);
        expect(await failed(running, FAILURES + 2)).toBe(true);
      },
    });
    expect(status.cooldownRemainingMs).toBeLessThanOrEqual(60_000);
    expect(status.exports.delivered).toBeGreaterThan(0);
    // What was refused is counted as that, and nothing twice.
    expect(ending.final.status.exports.dropped).toMatchObject(dropped ? { rejected: FAILURES + 1, shutdown: 0 } : { rejected: 0, shutdown: 1 });
    expect(backend.elsewhere).toBe(0);
  });

  test('says yes, and that it took nothing', async () => {
    const backend = await collector();
    const { status } = await trial(on, {
      endpoint: backend.endpoint,
      expected: well({ partial_success: expect.any(Number) }),
      async trouble(running) {
        await backend.become('partialSuccess');
        for (let i = 0; i < FAILURES; i += 1) {
          await running.request();
          expect(await running.flush(5000)).toEqual([true]);
        }
      },
      async after(running, { exports }) {
        expect(exports.dropped.partial_success).toBe(backend.heardAs.partialSuccess);
        expect(exports.dropped.partial_success).toBeGreaterThanOrEqual(FAILURES);
        await backend.become('well');
      },
    });
    expect(status.reason).toBeUndefined();
  });

  test('says yes, and something that is no OTLP', async () => {
    const backend = await collector();
    await trial(on, {
      endpoint: backend.endpoint,
      expected: well(),
      async trouble(running) {
        await backend.become('garbage');
        expect(await running.flush(5000)).toEqual([true]);
      },
    });
    expect(backend.heardAs.garbage).toBeGreaterThan(0);
  });

  test('sends a Retry-After of one hour, of which ten minutes are respected', async () => {
    const backend = await collector();
    await trial(on, {
      endpoint: backend.endpoint,
      expected: {
        state: 'active',
        cooldownRemainingMs: expect.any(Number),
        exports: { failed: 1, consecutiveFailures: 1, lastError: answered(429), dropped: NOTHING_DROPPED },
      },
      classes: ['http_429'],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.become('429 and an hour');
        expect(await failed(running, FAILURES)).toBe(true);
      },
      async after(_, { cooldownRemainingMs }) {
        expect(cooldownRemainingMs).toBeGreaterThan(500_000);
        expect(backend.heardAs['429 and an hour']).toBe(1);
      },
    });
  });

  test('dies, and somebody who speaks no HTTP takes its port', async () => {
    const backend = await collector();
    let heir;
    await trial(on, {
      endpoint: backend.endpoint,
      expected: opened(retried('the connection broke')),
      transitions: OPENED,
      classes: ['no_connection', 'connection_broken'],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.become('refuses');
        expect(await failed(running, 2)).toBe(true);
        heir = net.createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('220 mail.example ESMTP\r\n')));
        await new Promise((resolve) => { heir.listen(backend.port, '127.0.0.1', resolve); });
        expect(await failed(running, 3)).toBe(true);
      },
      async after() {
        await new Promise((resolve) => { heir.close(resolve); });
        await backend.become('well');
      },
    });
  });

  test('has a name that nobody knows', async () => {
    await trial(on, {
      endpoint: 'http://nothing.invalid:4318',
      expected: opened(retried('Host name nothing.invalid is unknown.')),
      transitions: OPENED,
      classes: [expect.stringMatching(/^(no_connection|timeout)$/)],
      trouble: async (running) => void (await failed(running, FAILURES)),
    });
  });
});

describe('the host does not notice a collector whose certificate', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-faults-'));
  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
  if (!available()) process.stderr.write('faults-collector.test.js: certificates are skipped, for there is no openssl to make them with\n');
  let trusted;
  let certificates;

  beforeAll(() => {
    if (!available()) return;
    const stranger = path.join(directory, 'stranger');
    fs.mkdirSync(stranger);
    const { file, issue } = authority(directory);
    trusted = file;
    certificates = {
      well: issue('DNS:localhost'),
      expired: issue('DNS:localhost', -1),
      wrongHost: issue('DNS:elsewhere.example'),
      selfSigned: authority(stranger).issue('DNS:localhost'),
    };
  });

  (available() ? test : test.skip).each([
    ['has expired', 'expired'],
    ['is of another host', 'wrongHost'],
    ['is signed by nobody', 'selfSigned'],
  ])('%s', async (_, fault) => {
    const backend = await collector({ certificates });
    await trial(on, {
      endpoint: backend.endpoint,
      options: { env: { SSL_CERT_FILE: trusted } },
      expected: opened('the TLS handshake failed'),
      transitions: OPENED,
      classes: ['tls'],
      async trouble(running) {
        expect(await running.flush(5000)).toEqual([true]);
        await backend.become(fault);
        expect(await failed(running, FAILURES + 1)).toBe(true);
      },
    });
    expect(backend.heardAs[fault]).toBeUndefined();
  });
});

describe.each(['cumulative', 'delta'])('everything arrives once, with %s temporality,', (temporality) => {
  const env = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality };

  test('when a collector that answered 500 for a while recovers', async () => {
    const backend = await collector();
    const { ending } = await trial(on, {
      endpoint: backend.endpoint,
      options: { env },
      expected: { state: 'active', exports: { failed: 3, consecutiveFailures: 0, dropped: { partial_success: 0, shutdown: 0 } } },
      classes: ['http_500'],
      async trouble(running) {
        await backend.become('500');
        expect(await failed(running, 3)).toBe(true);
        await running.request();
        await backend.become('well');
        expect(await running.flush(5000)).toEqual([true]);
      },
    });
    expect(amountsAt(backend)).toEqual(amountsOf(ending.final.truth));
  });

  /** After any of these a collector has taken nothing, and may be told all of it later. */
  const passing = ['refuses', 'hangs', 'hangsWithinAnswer', 'drips', 'resets', 'hangsUp', 'speaksNoHttp', '401', '404', '429', '500', '503', 'redirects', '100 MB'];

  test.each(passing)('when the last export finds a collector well that had been no help for long: %s', async (fault) => {
    const backend = await collector();
    const running = await host({ env: withSecrets(backend.endpoint, env) });
    await requests(running, 20);
    expect(await running.flush(5000)).toEqual([true]);
    await backend.become(fault);
    for (let i = 0; i < FAILURES; i += 1) {
      await requests(running, 5);
      await running.flush(150);
    }
    expect(await running.status()).toMatchObject({ state: 'circuit_open', exports: { failed: FAILURES } });
    await requests(running, 5);
    const before = amountsAt(backend);
    await backend.become('well');
    const { code, final } = await running.stop();
    expect({ code, state: final.status.state }).toEqual({ code: 0, state: 'disabled' });
    expect(before.turns).toBe(20);
    expect(amountsAt(backend)).toEqual(amountsOf(final.truth));
    expect(final.truth.turns).toBe(50);
    expect({ overlaps: backend.overlaps, broken: backend.broken }).toEqual({ overlaps: [], broken: [] });
  });
});

test('a collector that takes everything and loses its answers has everything once, with cumulative temporality', async () => {
  const backend = await collector();
  const { ending } = await trial(on, {
    endpoint: backend.endpoint,
    expected: { state: 'active', exports: { failed: 3, consecutiveFailures: 0 } },
    classes: ['connection_broken'],
    async trouble(running) {
      await backend.become('losesAnswers');
      expect(await failed(running, 3)).toBe(true);
      await backend.become('well');
      await running.request();
      expect(await running.flush(5000)).toEqual([true]);
    },
  });
  expect(backend.heardAs.losesAnswers).toBeGreaterThanOrEqual(3);
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.truth));
});

test('a collector that has no address but one of IPv6 gets everything', async () => {
  const backend = await collector({ host: '::1' });
  const { ending } = await trial(on, {
    endpoint: backend.endpoint,
    expected: well(),
    trouble: async (running) => void expect(await running.flush(5000)).toEqual([true]),
  });
  expect(amountsAt(backend)).toEqual(amountsOf(ending.final.truth));
});

describe('a trial notices', () => {
  test('a host that waits in every call, and answers later for it', async () => {
    const backend = await collector();
    const judged = trial(on, { endpoint: backend.endpoint, options: { blockMs: 30 }, requests: 20, expected: well(), trouble: async () => {} });
    await expect(judged).rejects.toThrow(/record took [\d.]+ us, and [\d.]+ us while all was well[^]*requests took [\d.]+ ms, and [\d.]+ ms without/);
  });

  test('a host that dies', async () => {
    const backend = await collector();
    const judged = trial(on, { endpoint: backend.endpoint, requests: 20, expected: well(), trouble: async (running) => running.signal('SIGKILL') });
    await expect(judged).rejects.toThrow();
  });

  /** What may be wrong with what it saw, and what it says of it. */
  const wrongs = [
    [(seen) => { seen.cost.max = seen.cost.waited + 250_001; }, /one call of record took [\d.]+ us/],
    [(seen) => { seen.cost.count = 0; }, /called only 0 times/],
    [(seen) => { seen.latency.on.p99 = 3 * seen.latency.off.p99 + 51; }, /some requests took/],
    [(seen) => { seen.grown = 51_000_000; }, /memory grew by 51000000 bytes/],
    [(seen) => { seen.made += 1; }, /turns were made/],
    [(seen) => { seen.status.entries.processed += 1; }, /books do not agree/],
    [(seen) => { seen.status.exports.attempted += 1; }, /neither delivered nor failed/],
    [(seen) => { seen.status.lastHour.delivered += 1; }, /last hour/],
    [(seen) => { seen.status.transitions = []; }, /transitions do not lead to active/],
    [(seen) => { seen.status.transitions[0].reason = ''; }, /no reason/],
    [(seen) => { seen.status.cooldownRemainingMs = -1; }, /cooldown is -1 ms/],
    [(seen) => { seen.status.files.lost = 1; }, /lines were lost/],
    [(seen) => { seen.log.pop(); }, /log has transitions to active/],
    [(seen) => { seen.log[0].time = '2026'; }, /no time/],
    [(seen) => { seen.log[0].error = 'Bearer h3ader'; }, /secret is told by log/],
    [(seen) => { seen.snapshot.projects[0].endpoint = 'http://a/?token=qu3ry'; }, /secret is told by snapshot/],
    [(seen) => { seen.snapshot = undefined; }, /snapshot says undefined/],
    [(seen) => { seen.isLeft = true; }, /snapshot is still there/],
    [(seen) => { seen.ending.code = 1; }, /ended with 1/],
    [(seen) => { seen.ending.elapsedMs = 2800; }, /exit took 2800 ms/],
    [(seen) => { seen.ending.stderr += 'a word\n'; }, /standard error has/],
    [(seen) => { seen.ending.final = undefined; }, /said nothing/],
    [(seen) => { seen.ending.final.status.entries.queued = 1; }, /1 entries still wait/],
    [(seen) => { seen.ending.final.status.entries.dropped.panic = 1; }, /books do not agree in the end[^]*entries were dropped/],
    [(seen) => { seen.ending.final.status.transitions.pop(); }, /it ended as/],
  ];

  test('whatever else is wrong', async () => {
    const backend = await collector();
    const { seen } = await trial(on, {
      endpoint: backend.endpoint,
      expected: well(),
      trouble: async (running) => void expect(await running.flush(5000)).toEqual([true]),
    });
    expect(problemsOf(seen)).toEqual([]);
    for (const [spoil, says] of wrongs) {
      const spoilt = structuredClone(seen);
      spoil(spoilt);
      expect(problemsOf(spoilt).join('\n')).toMatch(says);
    }
  });
});

async function requests(running, count) {
  for (let i = 0; i < count; i += 1) await running.request();
}

/** Flushes so many times; whether none of them said that everything had arrived. */
async function failed(running, times) {
  const said = [];
  for (let i = 0; i < times; i += 1) {
    await running.request();
    said.push(...(await running.flush(FLUSH_MS)));
  }
  return said.every((delivered) => !delivered);
}
