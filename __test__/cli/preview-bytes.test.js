'use strict';

const http = require('node:http');
const zlib = require('node:zlib');

const addon = require('../..');
const { decodeRequest, encodeRequest } = require('../../testkit/otlp/messages');
const { listening } = require('../../testkit/receiver/loopback');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { projects } = require('../../testkit/scratch/projects');
const { syntheticDay } = require('../../demo/traffic/day');

const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'];
const TIERS = [{ tier: 1, names: 'known' }, { tier: 1, names: 'all' }, { tier: 2, names: 'known' }];
const TEMPORALITIES = ['cumulative', 'delta'];
const MATRIX = PROTOCOLS.flatMap((protocol) => TIERS.flatMap(({ tier, names }) => TEMPORALITIES.map((temporality) => ({ protocol, tier, names, temporality }))));
/** Two parts of a day. */
const DAY = [...syntheticDay({ turns: 60, seed: 7 })];
const PARTS = [DAY.slice(0, 40), DAY.slice(40)];

const { project, homeWith } = projects();

afterEach(() => addon.shutdown(1));

/** A request without its times, in the one form that all protocols have. */
function plain(request) {
  return decodeRequest(encodeRequest(JSON.parse(withoutTimes(JSON.stringify(request)))));
}

/** A process has a random id, and a dry run has a constant one. */
function withoutId(request) {
  const text = JSON.stringify(request).replace(/("service\.instance\.id","value":\{"stringValue":)"[\da-f-]{36}"/, '$1"-"');
  return JSON.parse(text);
}

function namesIn(request) {
  return request.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
}

function withoutTimes(text) {
  return text.replaceAll(/("(?:start)?[tT]imeUnixNano": ?)"\d+"/g, '$1"0"');
}

/** A receiver that keeps every request, and `init` options for it. */
async function setUp({ protocol, tier, names, temporality }, onRequest) {
  const receiver = await startReceiver({ onRequest });
  const home = homeWith(tier === 2 ? { tier: 2, identity: 'mika' } : {});
  const endpoint = protocol === 'grpc' ? receiver.grpcEndpoint : receiver.endpoint;
  const cwd = project({ tier, endpoint, protocol, names, temporality, project: 'shop', team: 'payments', resolution: 'minute', interval_seconds: 3600, known_names: ['lookup_order'] });
  const given = { cwd, home, env: {} };
  addon.trust(cwd, given);
  return { receiver, given };
}

describe.each(MATRIX)('$protocol, tier $tier, names $names, $temporality', (config) => {
  test('a receiver gets what the preview shows', async () => {
    const requests = [];
    const { receiver, given } = await setUp(config, (request) => { requests.push(request); });
    try {
      expect(addon.init(given)).toMatchObject({ state: 'active', tier: config.tier });
      for (const turns of PARTS) {
        for (const { line, parts } of turns) addon.record(line, parts);
        const preview = JSON.parse(addon.preview());
        requests.length = 0;
        expect(await addon.flush()).toBe(true);
        // With cumulative temporality, the zeros of new series come first.
        expect(requests.length).toBeLessThanOrEqual(config.temporality === 'delta' ? 1 : 2);
        expect(plain(requests.at(-1))).toEqual(plain(preview));
      }
    } finally {
      await receiver.close();
    }
  });

  test('a dry run shows what a new process sends', async () => {
    const requests = [];
    const { receiver, given } = await setUp(config, (request) => { requests.push(request); });
    try {
      const dryRun = addon.dryRun(given);
      addon.init(given);
      for (const { line, parts } of DAY) {
        const { headers: _, ...ofLogs } = parts;
        dryRun.add(line, ofLogs);
        addon.record(line, ofLogs);
      }
      expect(await addon.flush()).toBe(true);
      const [{ bytes, requests: [request, ...more] }] = dryRun.summary().variants;
      expect(withoutId(plain(JSON.parse(request)))).toEqual(withoutId(plain(requests.at(-1))));
      expect(more).toEqual([]);
      if (config.protocol === 'http/protobuf') expect(Math.abs(bytes - encodeRequest(requests.at(-1)).length)).toBeLessThan(bytes / 20);
    } finally {
      await receiver.close();
    }
  });
});

test('of JSON, every byte is shown', async () => {
  const bodies = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      bodies.push(zlib.gunzipSync(Buffer.concat(chunks)).toString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await listening(server);
  try {
    const cwd = project({ tier: 1, endpoint: `http://127.0.0.1:${server.address().port}`, protocol: 'http/json', interval_seconds: 3600 });
    const given = { cwd, home: homeWith({}), env: {} };
    addon.init(given);
    for (const { line, parts } of DAY) addon.record(line, parts);
    const preview = addon.preview();
    expect(await addon.flush()).toBe(true);
    expect(withoutTimes(bodies.at(-1))).toBe(withoutTimes(preview));
    expect(bodies.at(-1).length).toBe(preview.length);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an export in parts is shown in parts', async () => {
  const requests = [];
  const receiver = await startReceiver({ onRequest: (request) => { requests.push(request); } });
  try {
    const cwd = project({ tier: 1, endpoint: receiver.endpoint, max_request_kibibytes: 16, protocol: 'http/json', interval_seconds: 3600, temporality: 'delta' });
    const given = { cwd, home: homeWith({}), env: {} };
    const dryRun = addon.dryRun(given);
    addon.init(given);
    for (const { line } of DAY) {
      dryRun.add(line);
      addon.record(line);
    }
    expect(await addon.flush()).toBe(true);
    expect(requests.length).toBeGreaterThan(1);
    const [{ requests: shown }] = dryRun.summary().variants;
    expect(shown).toHaveLength(requests.length);
    expect(shown.map((request) => namesIn(JSON.parse(request)))).toEqual(requests.map(namesIn));
  } finally {
    await receiver.close();
  }
});
