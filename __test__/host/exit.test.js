'use strict';

const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { hostLab, switchedOn } = require('../../testkit/host/lab');

const { collector, host, project, underWay } = hostLab();

/** How long an answer of the upstream takes that ends in the middle of something. Milliseconds. */
const DELAY_MS = 700;
const slow = { metadata: { delay_ms: DELAY_MS } };

describe('a turn is counted for its project if it ends', () => {
  test.each(['leave', 'kill'])('after its client has ended (%s)', async (way) => {
    const shop = await collector();
    const cwd = project({ tier: 1, endpoint: shop.endpoint, project: 'shop' });
    const running = await host({ hub: true });
    const client = await running.client({ cwd });
    const answers = await underWay(2, () => [running.agent(client.pid).claude(slow), running.agent(client.pid).codex(slow)]);
    await client[way]();
    await Promise.all(answers);
    await running.stop();
    expect(sumOf(shop.series(), TURNS)).toBe(2);
    expect(new Set(shop.series().map(({ resource }) => resource['project.name']))).toEqual(new Set(['shop']));
  });

  test.each([
    ['calls nothing', false],
    ['calls shutdown first', true],
  ])('while the exit waits, if the host %s', async (_, shutsDown) => {
    const receiver = await collector();
    const running = await host({ env: switchedOn(receiver.endpoint), drainMs: 2 * DELAY_MS, shutsDown });
    const answers = await underWay(2, () => [running.agent().claude(slow), running.agent().codex(slow)]);
    expect(await running.stop()).toMatchObject({ code: 0 });
    await Promise.allSettled(answers);
    expect(sumOf(receiver.series(), TURNS)).toBe(2);
  });
});

describe('a body that cannot be read is a turn with an error of the parser:', () => {
  test.each([['compressed', 'gzip'], ['empty', ''], ['of other bytes', '\u0000\u0001\u0002']])('%s', async (_, body) => {
    const receiver = await collector();
    const running = await host({ env: switchedOn(receiver.endpoint) });
    expect((await running.agent().claude({ stream: false, metadata: { body } })).status).toBe(200);
    await running.stop();
    expect(sumOf(receiver.series(), TURNS, { 'ccxray.parser.degraded': true })).toBe(1);
    expect(sumOf(receiver.series(), 'ccxray.parser.error_total', { parser: 'response' })).toBe(1);
  });
});
