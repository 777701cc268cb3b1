'use strict';

const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { agent } = require('../../testkit/host/agent');
const { copyOf, freePort } = require('../../testkit/host/checkout');
const { switchedOn } = require('../../testkit/host/lab');
const { startUpstream } = require('../../testkit/host/upstream');
const { startReceiver } = require('../../testkit/receiver/receiver');

/** A checkout of ccxray: its tag v2.3.1 or its branch main. It is copied, and not changed. */
const { CCXRAY_CHECKOUT: CHECKOUT } = process.env;

if (CHECKOUT === undefined) {
  process.stderr.write('checkout.test.js: the real host is skipped: CCXRAY_CHECKOUT names no checkout of ccxray\n');
}

(CHECKOUT === undefined ? describe.skip : describe)(`the host in ${CHECKOUT}`, () => {
  jest.setTimeout(120_000);
  const cleanups = [];
  let upstream;
  let host;

  beforeAll(async () => { upstream = await startUpstream(); });
  afterAll(() => upstream.close());

  beforeEach(async () => {
    host = await copyOf(CHECKOUT, upstream.url);
    cleanups.push(() => host.remove());
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  async function collector() {
    const receiver = await startReceiver();
    cleanups.push(() => receiver.close());
    return receiver;
  }

  test('every call is put in its place', () => {
    expect(host.applied).toMatchObject({ code: 0, stderr: '' });
  });

  test('a server counts what it records, to the unit', async () => {
    const receiver = await collector();
    const server = await host.server(switchedOn(receiver.endpoint));
    const talk = agent(server.url);
    await Promise.all([talk.claude(), talk.claude({ stream: false }), talk.codex(), talk.codexSocket([{}, {}])]);
    await talk.claude({ metadata: { response_id: 'msg_twice' } });
    await talk.claude({ metadata: { response_id: 'msg_twice' } });
    await talk.claude({ metadata: { fail: true } });
    expect(await server.stop()).toMatchObject({ code: 0, stderr: expect.stringContaining('ccxray-otel: on (tier 1, anonymous). Sending to ') });
    // The second copy of a response has an index line, and is not a turn.
    const lines = host.turns();
    const turns = lines.filter((line, i) => line.responseId === undefined || lines.findIndex(({ responseId }) => responseId === line.responseId) === i);
    expect(turns).toHaveLength(lines.length - 1);
    expect(sentTo(receiver)).toEqual(totalsOf(turns));
    expect(totalsOf(turns).turns).toBe(7);
  });

  test('a hub counts each client for its project, and nothing of a client that opts out', async () => {
    const [shop, own] = [await collector(), await collector()];
    const cwd = host.project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' });
    host.personal({ tier: 1, endpoint: own.endpoint });
    const port = await freePort();
    const first = await host.client(port, 2, { cwd });
    const vetoed = await host.client(port, 4, { cwd, env: { DO_NOT_TRACK: '1' } });
    expect(await vetoed.leave()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('ccxray-otel') });
    const third = await host.client(port, 3, { cwd, env: { CCXRAY_OTEL_TIER: '1' } });
    if (host.hasRoutes) expect(await host.command(['status', '--otel', cwd])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^running\n(?: .*\n|\n)* +process \d+, project shop: active \(\d+ s ago\)\n(?: +.*\n)* +exports +\d+ delivered, 0 failed /m) });
    for (const client of [first, third]) expect(await client.leave()).toMatchObject({ code: 0, stderr: expect.stringContaining('ccxray-otel: on (tier 1, anonymous). Sending to ') });
    await host.hubEnded(port);

    const turns = host.turns();
    expect(turns).toHaveLength(9);
    const counted = [...turns.slice(0, 2), ...turns.slice(6)];
    const nothing = totalsOf([]);
    // Without routes a turn names no client, so it is the user's own. While a client runs that allows less, none is counted.
    expect([sentTo(shop), sentTo(own)]).toEqual(host.hasRoutes ? [totalsOf(counted), nothing] : [nothing, totalsOf(counted)]);
  });

  test('a client that opts out has started the hub, and decides for itself only', async () => {
    const receiver = await collector();
    const port = await freePort();
    const vetoed = await host.client(port, 2, { cwd: host.project(), env: { DO_NOT_TRACK: '1' } });
    const client = await host.client(port, 3, { cwd: host.project(), env: switchedOn(receiver.endpoint) });
    for (const { leave } of [client, vetoed]) expect(await leave()).toMatchObject({ code: 0 });
    await host.hubEnded(port);
    expect(sentTo(receiver)).toEqual(totalsOf(host.hasRoutes ? host.turns().slice(2) : []));
  });

  test('the commands are those of the host', async () => {
    const cwd = host.project({ enabled: true, tier: 1, endpoint: 'https://otlp.example' });
    expect(await host.command(['otel', 'check', cwd])).toMatchObject({ code: 3, stderr: expect.stringMatching(/ otel trust /) });
    expect(await host.command(['otel', 'trust', '--yes', cwd])).toMatchObject({ code: 0 });
    expect(await host.command(['status', '--otel', cwd])).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Telemetry is on \(tier 1, anonymous\)\./) });
    expect(await host.command(['parser', 'report'])).toMatchObject({ code: 0, stderr: '' });
    expect(await host.command(['status'])).toMatchObject({ code: 0, stdout: expect.stringContaining('No hub running.') });
  });

  test('a client shows a config that cannot be used, and works', async () => {
    host.personal({ tier: 3 });
    const client = await host.client(await freePort(), 1, { cwd: host.project() });
    expect(await client.leave()).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ccxray-otel: nothing is sent: [^\n]+\.ccxray\.user\.json:1:\d+: [^\n]+$/m) });
    expect(host.hubLog()).toMatch(/^ccxray-otel: nothing is sent: [^\n]+\.ccxray\.user\.json:1:\d+: /m);
  });

  test('a config that cannot be used ends the start before the port opens', async () => {
    host.personal({ tier: 3 });
    const port = String(await freePort());
    expect(await host.command(['--port', port, '--no-browser'])).toMatchObject({ code: 78, stdout: expect.not.stringContaining('listening'), stderr: expect.stringMatching(/^ccxray-otel: nothing is sent: [^\n]+\.ccxray\.user\.json:1:\d+: [^\n]+\n$/) });
  });
});

/** Totals of index lines, in the names of the metrics. */
function totalsOf(lines) {
  const sum = (pick) => lines.reduce((total, line) => total + (pick(line) ?? 0), 0);
  return {
    turns: lines.length,
    input: sum(({ usage }) => usage?.input_tokens),
    output: sum(({ usage }) => usage?.output_tokens),
    cache_read: sum(({ usage }) => usage?.cache_read_input_tokens),
    cache_creation: sum(({ usage }) => usage?.cache_creation_input_tokens),
    microdollars: Math.round(sum(({ cost }) => cost?.cost) * 1e6),
  };
}

/** The same of what a collector has received. */
function sentTo(receiver) {
  const series = receiver.series();
  const tokens = (kind) => sumOf(series, `ccxray.tokens.${kind}_total`);
  return {
    turns: sumOf(series, TURNS),
    input: tokens('input'),
    output: tokens('output'),
    cache_read: tokens('cache_read'),
    cache_creation: tokens('cache_creation'),
    microdollars: Math.round(sumOf(series, 'ccxray.cost.usd_total') * 1e6),
  };
}
