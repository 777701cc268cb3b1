'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const addon = require('../..');
const { turn } = require('../../testkit/entries/turn');
const { BackendSeries } = require('../../testkit/faults/backend-series');
const { pointsByMetric } = require('../../demo/otlp/series');
const { differences, totalsOf } = require('../../testkit/otlp/totals');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { referenceTotals } = require('../../testkit/reference');
const { defaultTurns } = require('../../testkit/fixtures/default-turns');

const REPLAY = require.resolve('../../testkit/backends/replay-child');
const KIBIBYTE = 1024;
const ROWS = ['http/protobuf', 'http/json', 'grpc'].flatMap((protocol) => ['cumulative', 'delta'].map((temporality) => ({ protocol, temporality })));

let expected;
let directory;
let receiver;
let backend;
/** The metrics without points that arrived. */
let empty;

beforeAll(() => {
  expected = referenceTotals(defaultTurns());
});

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-large-'));
  backend = new BackendSeries();
  empty = [];
});

afterEach(async () => {
  await receiver?.close();
  fs.rmSync(directory, { recursive: true, force: true });
});

/** Replays the default turns with these settings to a receiver with a limit. */
async function replayed(settings, maxBodyBytes) {
  receiver = await startReceiver({
    maxBodyBytes,
    onRequest(json) {
      const counts = pointsByMetric(json);
      empty.push(...Object.keys(counts).filter((name) => counts[name] === 0));
      backend.take(json);
    },
  });
  const endpoint = settings.protocol === 'grpc' ? receiver.grpcEndpoint : receiver.endpoint;
  fs.writeFileSync(path.join(directory, '.ccxray.json'), JSON.stringify({ otel: { tier: 1, endpoint, interval_seconds: 5, ...settings } }));
  const { stdout } = await promisify(execFile)(process.execPath, [REPLAY, directory]);
  const log = fs.readFileSync(path.join(directory, '.ccxray', 'otel.log'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  return { ...JSON.parse(stdout), log };
}

describe.each(ROWS)('over $protocol, $temporality', (settings) => {
  test('no request exceeds the limit of the config, and each point arrives', async () => {
    const { delivered, status } = await replayed({ ...settings, max_request_kibibytes: 16 }, 16 * KIBIBYTE);
    expect({ delivered, failed: status.exports.failed, rejected: receiver.requests.rejected }).toEqual({ delivered: [true], failed: 0, rejected: 0 });
    // One interval of delta is smaller than all sums with their zeros.
    expect(receiver.requests.accepted).toBeGreaterThan(settings.temporality === 'delta' ? 1 : 2);
    expect(differences(expected, totalsOf(backend.series()))).toEqual([]);
    expect({ overlaps: backend.overlaps, empty }).toEqual({ overlaps: [], empty: [] });
  }, 60_000);

  test('a backend with a smaller limit gets parts, and each point arrives', async () => {
    const limit = 20 * KIBIBYTE;
    const { delivered, status, log } = await replayed(settings, limit);
    expect({ delivered, failed: status.exports.failed, dropped: status.exports.dropped.rejected }).toEqual({ delivered: [true], failed: 0, dropped: 0 });
    expect(receiver.requests.rejected).toBeGreaterThan(0);
    expect(differences(expected, totalsOf(backend.series()))).toEqual([]);
    expect({ overlaps: backend.overlaps, empty }).toEqual({ overlaps: [], empty: [] });
    const line = log.find(({ event }) => event === 'request_too_large');
    expect(line.bytes).toBeGreaterThan(limit);
    expect(line.max_bytes).toBeLessThanOrEqual(Math.max(line.bytes / 2, 16 * KIBIBYTE));
  }, 60_000);
});

test('a backend that refuses everything delays no other project', async () => {
  receiver = await startReceiver();
  const refusing = await startReceiver({ maxBodyBytes: 1 });
  const [own, other] = [refusing, receiver].map(({ endpoint }, index) => {
    const project = fs.mkdtempSync(path.join(directory, `${index}-`));
    fs.writeFileSync(path.join(project, '.ccxray.json'), JSON.stringify({ otel: { tier: 1, endpoint } }));
    return project;
  });
  try {
    addon.init({ cwd: own, home: directory, env: {} });
    for (const cwd of [own, other]) addon.record(turn(), { cwd });
    const begun = performance.now();
    expect(await addon.flush(5000)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(addon.status(own).exports).toMatchObject({ delivered: 0, failed: 1, dropped: { rejected: 1 }, lastError: 'the backend answered HTTP 413' });
    expect(addon.status(other).exports).toMatchObject({ delivered: 1, failed: 0 });
    expect(receiver.requests.rejected).toBe(0);
  } finally {
    await addon.shutdown();
    await refusing.close();
  }
});
