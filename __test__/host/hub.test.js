'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { stage, statusWhere, total, TURNS } = require('../../testkit/host/stage.js');
const { nothing, on, untrusted, APPROVAL } = require('../../testkit/notice');

const { collector, host, project } = stage();

describe('a hub counts every turn for the project that it came from', () => {
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
    const stderr = on(shop.endpoint, APPROVAL.loopback) + on(web.endpoint, APPROVAL.loopback);
    expect(await running.stop()).toMatchObject({ code: 0, stderr });

    expect(total(shop, 'ccxray.tokens.input_total')).toBe(12 + 2500);
    expect(total(web, 'ccxray.tokens.input_total')).toBe(5 + 600);
    expect(resources(shop)).toEqual([['shop', 'payments']]);
    expect(resources(web)).toEqual([['web', 'storefront']]);
  });

  test('a project without a config, one that is switched off, and a turn of nobody are counted nowhere', async () => {
    const shop = await collector();
    const clients = {
      101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      102: project(),
      103: project({ enabled: false, tier: 1, endpoint: shop.endpoint, project: 'off' }),
    };
    const running = await host({ hub: true, clients });
    for (const pid of [101, 102, 103, 999, undefined]) await running.agent(pid).claude();
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(shop.endpoint, APPROVAL.loopback) });
    expect(total(shop, TURNS)).toBe(1);
    expect(resources(shop)).toEqual([['shop', undefined]]);
  });

  test('a turn of nobody is the engineer\'s own, and never that of the project which started the hub', async () => {
    const [shop, own] = [await collector(), await collector()];
    const started = project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' });
    const home = project();
    const personal = { otel: { tier: 1, endpoint: own.endpoint } };
    fs.writeFileSync(path.join(home, '.ccxray.user.json'), JSON.stringify(personal));
    const env = { HOME: home, USERPROFILE: home };
    const running = await host({ hub: true, cwd: started, clients: { 101: started }, env });
    await running.agent().claude({ stream: false });
    await running.agent(101).codex();
    const stderr = on(own.endpoint) + on(shop.endpoint, APPROVAL.loopback);
    expect(await running.stop()).toMatchObject({ code: 0, stderr });
    expect(total(own, 'ccxray.tokens.input_total')).toBe(5);
    expect(total(shop, 'ccxray.tokens.input_total')).toBe(2500);
  });

  test('a turn that the exit itself ends is delivered, even if it is the first of its project', async () => {
    const shop = await collector();
    const clients = { 101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }) };
    const running = await host({ hub: true, clients });
    await running.agent(101).codexAtWork();
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(shop.endpoint, APPROVAL.loopback) });
    expect(total(shop, TURNS, { provider: 'openai' })).toBe(1);
  });

  test('a project with a broken config does not disturb the others', async () => {
    const shop = await collector();
    const clients = {
      101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      102: project({ enabled: 'perhaps' }),
    };
    const running = await host({ hub: true, clients });
    for (const pid of [102, 101, 102, 101]) await running.agent(pid).claude();
    const status = await statusWhere(running, ({ state }) => state === 'degraded', { cwd: clients[102] });
    const file = path.join(clients[102], '.ccxray.json');
    expect(status.reason).toBe(`${file}:1:20: otel.enabled: expected true or false, not a string; correct this field`);
    expect(await running.stop()).toMatchObject({ code: 0, stderr: nothing(status.reason) + on(shop.endpoint, APPROVAL.loopback) });
    expect(total(shop, TURNS)).toBe(2);
  });

  test('a project that asks for metrics to a machine elsewhere is told of once, and nothing is sent for it', async () => {
    const shop = await collector();
    const clients = {
      101: project({ enabled: true, tier: 1, endpoint: shop.endpoint, project: 'shop' }),
      102: project({ enabled: true, tier: 1, endpoint: 'https://collector.invalid', project: 'web' }),
    };
    const running = await host({ hub: true, clients });
    for (const pid of [102, 101, 102, 102]) await running.agent(pid).claude();
    const reason = untrusted(clients[102], 'tier 1 to https://collector.invalid');
    expect(await running.status(clients[102])).toMatchObject({ state: 'disabled', tier: 0, reason });
    expect(await running.stop()).toMatchObject({ code: 0, stderr: nothing(reason) + on(shop.endpoint, APPROVAL.loopback) });
    expect(total(shop, TURNS)).toBe(1);
  });
});

/** Each distinct (project, team) that a collector heard of. */
function resources(receiver) {
  const all = receiver.series().map(({ resource }) => [resource['project.name'], resource.team]);
  return [...new Set(all.map((pair) => JSON.stringify(pair)))].map((pair) => JSON.parse(pair).map((name) => name ?? undefined));
}
