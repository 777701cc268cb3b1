'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { hostLab, switchedOn } = require('../../testkit/host/lab');
const { asks, BASIS, nothing, on, untrusted } = require('../../testkit/notice');

const { collector, host, project, underWay } = hostLab();

/** What a launch says, by its name: the environment, for a collector of its own. */
const LAUNCHES = {
  on: switchedOn,
  off: () => ({}),
  vetoed: (endpoint) => ({ ...switchedOn(endpoint), DO_NOT_TRACK: '1' }),
};
const NAMES = Object.keys(LAUNCHES);
const PAIRS = NAMES.flatMap((first) => NAMES.map((second) => [first, second]));

/** A hub that the first of two clients has started. Each client has its own collector and directory. */
async function hubOf(first, second, { home = project() } = {}) {
  const collectors = [await collector(), await collector()];
  const launches = [first, second].map((name, i) => ({ cwd: project(), env: LAUNCHES[name](collectors[i].endpoint) }));
  const running = await host({ hub: true, home, ...launches[0] });
  const clients = [await running.client(launches[0]), await running.client(launches[1])];
  return { running, clients, collectors };
}

/** A home directory whose owner has turned metrics on. */
function homeWith({ endpoint }) {
  const home = project();
  fs.writeFileSync(path.join(home, '.ccxray.user.json'), JSON.stringify({ otel: { tier: 1, endpoint } }));
  return home;
}

function turnsAt(receiver) {
  return sumOf(receiver.series(), TURNS);
}

describe('each client of a hub decides for its own turns, no matter which of them started the hub:', () => {
  test.each(PAIRS)('the first is %s, the second is %s', async (first, second) => {
    const { running, clients, collectors } = await hubOf(first, second);
    for (const { pid } of clients) {
      await running.agent(pid).claude();
      await running.agent(pid).codexSocket([{}]);
    }
    await running.agent().claude();
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect(collectors.map(turnsAt)).toEqual([first, second].map((name) => (name === 'on' ? 2 : 0)));
    expect(clients.map(({ stderr }) => stderr())).toEqual([first, second].map((name, i) => (name === 'on' ? on(collectors[i].endpoint) : '')));
  });

  test.each([
    ['DO_NOT_TRACK', '1'],
    ['OTEL_SDK_DISABLED', 'true'],
    ['CCXRAY_OTEL_TIER', '0'],
  ])('%s=%s of a second client in the same directory', async (name, value) => {
    const shop = await collector();
    const cwd = project({ tier: 1, endpoint: shop.endpoint });
    const running = await host({ hub: true, cwd });
    const [open, vetoed] = [await running.client({ cwd }), await running.client({ cwd, env: { [name]: value } })];
    for (const { pid } of [vetoed, open, vetoed, vetoed]) await running.agent(pid).claude();
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(shop.endpoint, BASIS.loopback) });
    expect([turnsAt(shop), open.stderr(), vetoed.stderr()]).toEqual([1, on(shop.endpoint, BASIS.loopback), '']);
  });

  test('a veto of the launch that started the hub is no veto of another client', async () => {
    const shop = await collector();
    const cwd = project({ tier: 1, endpoint: shop.endpoint });
    const running = await host({ hub: true, cwd, env: { DO_NOT_TRACK: '1' } });
    const [vetoed, open] = [await running.client({ cwd, env: { DO_NOT_TRACK: '1' } }), await running.client({ cwd })];
    for (const { pid } of [vetoed, open]) await running.agent(pid).claude();
    await running.stop();
    expect(turnsAt(shop)).toBe(1);
  });

  test('an approval by variable counts for its own launch', async () => {
    const [env, cwd] = [{ CCXRAY_OTEL_TRUST: '1' }, project({ tier: 1, endpoint: 'https://collector.invalid' })];
    const running = await host({ hub: true, cwd, env });
    const [managed, other] = [await running.client({ cwd, env }), await running.client({ cwd })];
    const reason = untrusted(cwd, asks('https://collector.invalid'));
    expect([managed.stderr(), other.stderr()]).toEqual([on('https://collector.invalid', BASIS.managed), nothing(reason)]);
    await running.agent(other.pid).claude();
    expect(await running.status(cwd)).toMatchObject({ state: 'disabled', tier: 0, reason });
    await running.agent(managed.pid).claude();
    expect(await running.status(cwd)).toMatchObject({ tier: 1, trust: BASIS.managed });
  });

  test('a name counts for its own launch', async () => {
    const shop = await collector();
    const cwd = project({ tier: 2, resolution: 'minute', endpoint: shop.endpoint });
    const named = { CCXRAY_OTEL_TIER: '2', CCXRAY_OTEL_IDENTITY: 'mika', CCXRAY_OTEL_TRUST: '1' };
    const running = await host({ hub: true, cwd, env: named });
    const [first, second] = [await running.client({ cwd, env: named }), await running.client({ cwd, env: { CCXRAY_OTEL_TIER: '1' } })];
    await running.agent(first.pid).codex();
    await running.agent(second.pid).claude();
    await running.stop();
    const names = (provider) => shop.series().filter(({ metric, attributes, value }) => metric === TURNS && attributes.provider === provider && value > 0)
      .map(({ resource }) => resource['enduser.id'] ?? undefined);
    expect([names('openai'), names('anthropic')]).toEqual([['mika'], [undefined]]);
  });
});

describe('a turn that names no client', () => {
  test.each(PAIRS)('is counted under your own settings, unless a client has vetoed: %s, %s', async (first, second) => {
    const own = await collector();
    const { running, collectors } = await hubOf(first, second, { home: homeWith(own) });
    await running.agent().claude();
    await running.agent().codexSocket([{}]);
    const isVetoed = [first, second].includes('vetoed');
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect([turnsAt(own), ...collectors.map(turnsAt)]).toEqual([isVetoed ? 0 : 2, 0, 0]);
  });

  test('is not counted for the only client', async () => {
    const shop = await collector();
    const cwd = project({ tier: 1, endpoint: shop.endpoint });
    const running = await host({ hub: true, cwd });
    await running.client({ cwd });
    await running.agent().claude();
    await running.stop();
    expect(turnsAt(shop)).toBe(0);
  });

  test('is not counted for a client that has vetoed and has ended before its turn', async () => {
    const own = await collector();
    const running = await host({ hub: true, home: homeWith(own) });
    await running.agent().claude();
    const vetoed = await running.client({ env: LAUNCHES.vetoed(own.endpoint) });
    const answers = await underWay(1, () => [running.agent().claude({ metadata: { delay_ms: 500 } })]);
    await vetoed.leave();
    await Promise.all(answers);
    await running.agent().claude();
    await running.stop();
    expect(turnsAt(own)).toBe(2);
  });

  test('is not counted while a client runs in a project that is off', async () => {
    const own = await collector();
    const running = await host({ hub: true, home: homeWith(own) });
    const client = await running.client({ cwd: project({ enabled: false }) });
    await running.agent().claude();
    expect((await running.status()).host).toMatchObject({ recorded: 0, unknownClient: 1 });
    await client.leave();
    await running.agent().claude();
    await running.stop();
    expect(turnsAt(own)).toBe(1);
  });
});

describe('a request that arrives after its client has', () => {
  test.each(['leave', 'kill'])('ended (%s) is counted for nobody', async (way) => {
    for (const name of NAMES) {
      const { running, clients: [client], collectors } = await hubOf(name, 'on');
      await running.agent(client.pid).claude();
      const before = name === 'on' ? 1 : 0;
      await client[way]();
      await running.agent(client.pid).claude();
      expect((await running.status()).host).toMatchObject({ errors: 0 });
      await running.stop();
      expect([name, ...collectors.map(turnsAt)]).toEqual([name, before, 0]);
    }
  });
});

test('two hubs with one home directory keep their clients apart', async () => {
  const home = project();
  const [first, second] = [await collector(), await collector()];
  const hubs = [
    await host({ hub: true, home, env: LAUNCHES.vetoed(first.endpoint) }),
    await host({ hub: true, home, env: LAUNCHES.on(second.endpoint) }),
  ];
  const clients = [
    await hubs[0].client({ env: LAUNCHES.vetoed(first.endpoint) }),
    await hubs[1].client({ env: LAUNCHES.on(second.endpoint) }),
    await hubs[0].client({ env: LAUNCHES.on(first.endpoint) }),
  ];
  await hubs[0].agent(clients[0].pid).claude();
  await hubs[1].agent(clients[1].pid).claude();
  await hubs[0].agent(clients[2].pid).claude();
  for (const running of hubs) await running.stop();
  expect([turnsAt(first), turnsAt(second)]).toEqual([1, 1]);
});

describe('a variable that a config reads', () => {
  const TOKEN = 'correct-horse-battery-staple';

  test.each([
    ['with the same value', { SHOP_TOKEN: TOKEN }, 1],
    ['with another value', { SHOP_TOKEN: 'another-value' }, 0],
    ['not set', {}, 0],
  ])('of a client, %s as in the hub', async (_, env, turns) => {
    const shop = await collector();
    const cwd = project({ tier: 1, endpoint: shop.endpoint, headers: { 'x-token': '${SHOP_TOKEN}' } });
    const trusted = { CCXRAY_OTEL_TRUST: '1' };
    const running = await host({ hub: true, cwd, env: { ...trusted, SHOP_TOKEN: TOKEN } });
    const client = await running.client({ cwd, env: { ...trusted, ...env } });
    const text = fs.readFileSync(path.join(running.home, '.ccxray/otel/clients', `${client.pid}.json`), 'utf8');
    expect(text).not.toMatch(/correct-horse|another-value/);
    await running.agent(client.pid).claude();
    await running.stop();
    expect(turnsAt(shop)).toBe(turns);
  });

  test('is named if its value is not known to the hub', async () => {
    const cwd = project({ tier: 1, endpoint: 'http://127.0.0.1:9', headers: { 'x-token': '${SHOP_TOKEN}' } });
    const running = await host({ hub: true, cwd });
    const client = await running.client({ cwd, env: { CCXRAY_OTEL_TRUST: '1', SHOP_TOKEN: TOKEN } });
    await running.agent(client.pid).claude();
    const { state, reason } = await running.status(cwd);
    expect(state).toBe('degraded');
    expect(reason).toMatch(/The variable SHOP_TOKEN has another value in the hub that serves this client\. Quit all clients of the hub/);
  });
});
