'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { hostLab, statusWhere } = require('../../testkit/host/lab');
const { asks, BASIS, nothing, on, untrusted } = require('../../testkit/notice');

const { collector, host, project } = hostLab();

describe('a hub counts every turn for its project:', () => {
  test('two projects, two collectors, two teams', async () => {
    const [shop, web] = [await collector(), await collector()];
    const clients = {
      101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop', team: 'payments' }),
      102: project({ enabled: true, tier: 1, endpoint: web.endpoint, project: 'web', team: 'storefront' }),
    };
    const running = await host({ hub: true, clients });
    await running.agent(101).claude();
    await running.agent(101).codex();
    await running.agent(102).claude({ stream: false });
    await running.agent(102).codexSocket([{}]);
    expect(await running.status(clients[101])).toMatchObject({ tier: 1, project: 'shop', team: 'payments' });
    const stderr = on(shop.endpoint, BASIS.loopback) + on(web.endpoint, BASIS.loopback);
    expect(await running.stop()).toMatchObject({ code: 0, stderr });

    expect(sumOf(shop.series(), 'ccxray.tokens.input_total')).toBe(12 + 2500);
    expect(sumOf(web.series(), 'ccxray.tokens.input_total')).toBe(5 + 600);
    expect(resources(shop)).toEqual([['shop', 'payments']]);
    expect(resources(web)).toEqual([['web', 'storefront']]);
  });

  test('turns of projects without telemetry are not counted', async () => {
    const shop = await collector();
    const clients = {
      101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      102: project(),
      103: project({ enabled: false, tier: 1, endpoint: shop.endpoint, project: 'off' }),
    };
    const running = await host({ hub: true, clients });
    for (const pid of [101, 102, 103, 999, undefined]) await running.agent(pid).claude();
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
    const env = { HOME: home, USERPROFILE: home };
    const running = await host({ hub: true, cwd: started, clients: { 101: started }, env });
    await running.agent().claude({ stream: false });
    await running.agent(101).codex();
    const stderr = on(own.endpoint) + on(shop.endpoint, BASIS.loopback);
    expect(await running.stop()).toMatchObject({ code: 0, stderr });
    expect(sumOf(own.series(), 'ccxray.tokens.input_total')).toBe(5);
    expect(sumOf(shop.series(), 'ccxray.tokens.input_total')).toBe(2500);
  });

  test('a turn that ends with the exit is delivered', async () => {
    const shop = await collector();
    const clients = { 101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }) };
    const running = await host({ hub: true, clients });
    await running.agent(101).codexAtWork();
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(shop.endpoint, BASIS.loopback) });
    expect(sumOf(shop.series(), TURNS, { provider: 'openai' })).toBe(1);
  });

  test('a broken config does not affect other projects', async () => {
    const shop = await collector();
    const clients = {
      101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      102: project({ enabled: 'perhaps' }),
    };
    const running = await host({ hub: true, clients });
    for (const pid of [102, 101, 102, 101]) await running.agent(pid).claude();
    const status = await statusWhere(running, ({ state }) => state === 'degraded', { cwd: clients[102] });
    const file = path.join(clients[102], '.ccxray.json');
    expect(status.reason).toBe(`${file}:1:20: otel.enabled: This is a string. Write true or false, without quotes.`);
    expect(await running.stop()).toMatchObject({ code: 0, stderr: nothing(status.reason) + on(shop.endpoint, BASIS.loopback) });
    expect(sumOf(shop.series(), TURNS)).toBe(2);
  });

  test('an unapproved project causes one line, and sends nothing', async () => {
    const shop = await collector();
    const clients = {
      101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      102: project({ enabled: true, tier: 1, endpoint: 'https://collector.invalid', project: 'web' }),
    };
    const running = await host({ hub: true, clients });
    for (const pid of [102, 101, 102, 102]) await running.agent(pid).claude();
    const reason = untrusted(clients[102], asks('https://collector.invalid'));
    expect(await running.status(clients[102])).toMatchObject({ state: 'disabled', tier: 0, reason });
    // The configs of both are read at the same time.
    const { code, stderr } = await running.stop();
    const lines = (text) => text.split('\n').sort();
    expect({ code, lines: lines(stderr) }).toEqual({ code: 0, lines: lines(nothing(reason) + on(shop.endpoint, BASIS.loopback)) });
    expect(sumOf(shop.series(), TURNS)).toBe(1);
  });
});

/** Each distinct pair of project and team at a collector. */
function resources(receiver) {
  const all = receiver.series().map(({ resource }) => [resource['project.name'], resource.team]);
  return [...new Set(all.map((pair) => JSON.stringify(pair)))].map((pair) => JSON.parse(pair).map((name) => name ?? undefined));
}
