'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { startFaultyCollector } = require('../../testkit/faults/collector');
const { differences, totalsOf } = require('../../testkit/otlp/totals');
const { referenceTotals } = require('../../testkit/reference');
const { defaultTurns } = require('../../testkit/fixtures/default-turns');

const REPLAY = require.resolve('../../testkit/backends/replay-child');
const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'];
const ROWS = PROTOCOLS.flatMap((protocol) => ['cumulative', 'delta'].flatMap((temporality) => ['none', 'gzip'].map((compression) => ({ protocol, temporality, compression }))));

describe('a receiver gets the totals of the reference implementation', () => {
  let expected;
  let directory;
  let backend;

  beforeAll(() => {
    expected = referenceTotals(defaultTurns());
  });

  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-protocols-'));
  });

  afterEach(async () => {
    await backend?.close();
    fs.rmSync(directory, { recursive: true, force: true });
  });

  test.each(ROWS)('over $protocol, $temporality, $compression', async ({ protocol, temporality, compression }) => {
    backend = await startFaultyCollector({ isGrpc: protocol === 'grpc' });
    const otel = { tier: 1, endpoint: backend.endpoint, protocol, temporality, compression, interval_seconds: 5 };
    fs.writeFileSync(path.join(directory, '.ccxray.json'), JSON.stringify({ otel }));
    const { stdout } = await promisify(execFile)(process.execPath, [REPLAY, directory]);
    const { delivered, status } = JSON.parse(stdout);
    expect({ delivered, failed: status.exports.failed, broken: backend.broken }).toEqual({ delivered: [true], failed: 0, broken: [] });
    expect(differences(expected, totalsOf(backend.series()))).toEqual([]);
    expect(backend.overlaps).toEqual([]);
  }, 60_000);
});
