'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { hostLab, statusWhere } = require('../../testkit/host/lab');
const { asks, BASIS, nothing, on, untrusted } = require('../../testkit/notice');

const { collector, host, project } = hostLab();

/** Starts a hub, and a client in each of these directories. */
async function hubWith(directories, options) {
  const running = await host({ hub: true, ...options });
  const clients = [];
  for (const cwd of directories) clients.push(await running.client({ cwd }));
  return { running, clients };
}

describe('a hub counts every turn for its project:', () => {
  test('two projects, two collectors, two teams', async () => {
    const [shop, web] = [await collector(), await collector()];
    const { running, clients: [first, second] } = await hubWith([
      project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop', team: 'payments' }),
      project({ enabled: true, tier: 1, endpoint: web.endpoint, project: 'web', team: 'storefront' }),
    ]);
    await running.agent(first.pid).claude();
    await running.agent(first.pid).codex();
    await running.agent(second.pid).claude({ stream: false });
    await running.agent(second.pid).codexSocket([{}]);
    expect(await running.status(first.cwd)).toMatchObject({ tier: 1, project: 'shop', team: 'payments' });
    expect([first.stderr(), second.stderr()]).toEqual([on(shop.endpoint, BASIS.loopback), on(web.endpoint, BASIS.loopback)]);
    const stderr = on(shop.endpoint, BASIS.loopback) + on(web.endpoint, BASIS.loopback);
    expect(await running.stop()).toMatchObject({ code: 0, stderr });

    expect(sumOf(shop.series(), 'ccxray.tokens.input_total')).toBe(12 + 2500);
    expect(sumOf(web.series(), 'ccxray.tokens.input_total')).toBe(5 + 600);
    expect(resources(shop)).toEqual([['shop', 'payments']]);
    expect(resources(web)).toEqual([['web', 'storefront']]);
  });

  test('turns of projects without telemetry are not counted', async () => {
    const shop = await collector();
    const { running, clients } = await hubWith([
      project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      project(),
      project({ enabled: false, tier: 1, endpoint: shop.endpoint, project: 'off' }),
    ]);
    for (const pid of [...clients.map(({ pid: of }) => of), 999_999_999, undefined]) await running.agent(pid).claude();
    expect(clients.map(({ stderr }) => stderr())).toEqual([on(shop.endpoint, BASIS.loopback), '', '']);
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(shop.endpoint, BASIS.loopback) });
    expect(sumOf(shop.series(), TURNS)).toBe(1);
    expect(resources(shop)).toEqual([['shop', undefined]]);
  });

  test('a turn without a client belongs to the user', async () => {
    const [shop, own] = [await collector(), await collector()];
    const started = project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' });
    const home = project();
    const personal = { otel: { tier: 1, endpoint: own.endpoint } };
    fs.writeFileSync(path.join(home, '.ccxray.user.json'), JSON.stringify(personal));
    const { running, clients: [{ pid }] } = await hubWith([started], { cwd: started, home });
    await running.agent().claude({ stream: false });
    await running.agent(pid).codex();
    const stderr = on(own.endpoint) + on(shop.endpoint, BASIS.loopback);
    expect(await running.stop()).toMatchObject({ code: 0, stderr });
    expect(sumOf(own.series(), 'ccxray.tokens.input_total')).toBe(5);
    expect(sumOf(shop.series(), 'ccxray.tokens.input_total')).toBe(2500);
  });

  test('a turn that ends with the exit is delivered', async () => {
    const shop = await collector();
    const { running, clients: [{ pid }] } = await hubWith([project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' })]);
    await running.agent(pid).codexAtWork();
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(shop.endpoint, BASIS.loopback) });
    expect(sumOf(shop.series(), TURNS, { provider: 'openai' })).toBe(1);
  });

  test('a broken config does not affect other projects', async () => {
    const shop = await collector();
    const { running, clients: [fine, broken] } = await hubWith([
      project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      project({ enabled: 'perhaps' }),
    ]);
    for (const { pid } of [broken, fine, broken, fine]) await running.agent(pid).claude();
    const status = await statusWhere(running, ({ state }) => state === 'degraded', { cwd: broken.cwd });
    const file = path.join(broken.cwd, '.ccxray.json');
    expect(status.reason).toBe(`${file}:1:20: otel.enabled: This is a string. Write true or false, without quotes.`);
    expect(broken.stderr()).toBe(nothing(status.reason));
    expect(await running.stop()).toMatchObject({ code: 0, stderr: nothing(status.reason) + on(shop.endpoint, BASIS.loopback) });
    expect(sumOf(shop.series(), TURNS)).toBe(2);
  });

  describe('that the user has broken for all projects', () => {
    test('ends the hub with 78 before its port opens', async () => {
      const line = /^ccxray-otel: nothing is sent: .*\.ccxray\.user\.json:1:19: otel\.tier: .*\n$/;
      await expect(host({ hub: true, home: brokenHome() })).rejects.toMatchObject({ code: 78, stderr: expect.stringMatching(line) });
    });

    test('lets the hub serve without metrics, with failFast false', async () => {
      const { running, clients: [{ pid, stderr }] } = await hubWith([project()], { home: brokenHome(), failFast: false });
      expect((await running.agent(pid).claude()).status).toBe(200);
      expect(stderr()).toMatch(/^ccxray-otel: nothing is sent: /);
      expect(await running.stop()).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ccxray-otel: nothing is sent: .*\n$/) });
    });
  });

  test('an unapproved project causes one line, and sends nothing', async () => {
    const shop = await collector();
    const { running, clients: [fine, asking] } = await hubWith([
      project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      project({ enabled: true, tier: 1, endpoint: 'https://collector.invalid', project: 'web' }),
    ]);
    for (const { pid } of [asking, fine, asking, asking]) await running.agent(pid).claude();
    const reason = untrusted(asking.cwd, asks('https://collector.invalid'));
    expect(await running.status(asking.cwd)).toMatchObject({ state: 'disabled', tier: 0, reason });
    expect(asking.stderr()).toBe(nothing(reason));
    // The configs of both are read at the same time.
    const { code, stderr } = await running.stop();
    const lines = new Set(stderr.split('\n'));
    expect({ code, lines }).toEqual({ code: 0, lines: new Set(`${nothing(reason)}${on(shop.endpoint, BASIS.loopback)}`.split('\n')) });
    expect(sumOf(shop.series(), TURNS)).toBe(1);
  });
});

/** A home directory with a personal file that cannot be used. */
function brokenHome() {
  const directory = project();
  fs.writeFileSync(path.join(directory, '.ccxray.user.json'), '{"otel": {"tier": "one"}}');
  return directory;
}

/** Each distinct pair of project and team at a collector. */
function resources(receiver) {
  const all = receiver.series().map(({ resource }) => [resource['project.name'], resource.team]);
  return [...new Set(all.map((pair) => JSON.stringify(pair)))].map((pair) => JSON.parse(pair).map((name) => name ?? undefined));
}
