'use strict';

const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { hostLab, switchedOn } = require('../../testkit/host/lab');
const { SECRET } = require('../../testkit/host/upstream');
const { on } = require('../../testkit/notice');

const { collector, host } = hostLab();

describe('the host counts the turns of every wire:', () => {
  const CLAUDE = { provider: 'anthropic', model: 'claude-sonnet-4-6' };
  const CODEX = { provider: 'openai', model: 'gpt-5.5' };

  test.each([
    ['Anthropic as a stream', (agent) => agent.claude(), CLAUDE, tokens(12, 187, 30_500, 2048), 'Bash', 0.019671],
    ['Anthropic as JSON', (agent) => agent.claude({ stream: false }), CLAUDE, tokens(5, 7, 0, 0), 'Read', 0.00012],
    ['Responses as a stream', (agent) => agent.codex(), CODEX, tokens(2500, 220, 500, 0), 'exec_command', 0.01935],
    ['Responses over a WebSocket', (agent) => agent.codexSocket([{}]), CODEX, tokens(600, 50, 400, 0), 'exec_command', 0.0047],
  ])('%s', async (_, talk, attributes, expected, tool, usd) => {
    const receiver = await collector();
    const running = await host({ env: switchedOn(receiver.endpoint) });
    await talk(running.agent());
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });

    const counted = Object.keys(expected).map((kind) => [kind, sumOf(receiver.series(), `ccxray.tokens.${kind}_total`, attributes)]);
    expect(Object.fromEntries(counted)).toEqual(expected);
    expect(sumOf(receiver.series(), TURNS, { provider: attributes.provider })).toBe(1);
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
    expect(sumOf(receiver.series(), 'ccxray.tool.invocations_total', { tool })).toBe(1);
    expect(sumOf(receiver.series(), 'ccxray.cost.usd_total', attributes)).toBeCloseTo(usd, 9);
  });

  test('all wires in one process', async () => {
    const receiver = await collector();
    const running = await host({ env: switchedOn(receiver.endpoint) });
    const agent = running.agent();
    await Promise.all([agent.claude(), agent.claude({ stream: false }), agent.codex(), agent.codexSocket([{}, {}])]);
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });
    expect(sumOf(receiver.series(), TURNS, { provider: 'anthropic' })).toBe(2);
    expect(sumOf(receiver.series(), TURNS, { provider: 'openai' })).toBe(3);
    expect(sumOf(receiver.series(), 'ccxray.tokens.input_total')).toBe(12 + 5 + 2500 + 2 * 600);
  });
});

describe('the host does not count', () => {
  test('the second copy of a response', async () => {
    const receiver = await collector();
    const running = await host({ env: switchedOn(receiver.endpoint) });
    const metadata = { response_id: 'msg_twice' };
    await running.agent().claude({ metadata });
    await running.agent().claude({ metadata });
    expect((await running.status()).host).toMatchObject({ recorded: 1, merged: 1, errors: 0 });
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
  });

  test('a WebSocket connection that only warmed up', async () => {
    const receiver = await collector();
    const running = await host({ env: switchedOn(receiver.endpoint) });
    await running.agent().codexSocket([{ generate: false }]);
    await running.agent().codex();
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });
    expect(sumOf(receiver.series(), TURNS)).toBe(1);
    expect(sumOf(receiver.series(), 'ccxray.tokens.input_total')).toBe(2500);
  });

  test('the old usage in an aborted WebSocket turn', async () => {
    const receiver = await collector();
    const running = await host({ env: switchedOn(receiver.endpoint) });
    await running.agent().codexSocket([{}, { metadata: { cut: true } }]);
    expect(await running.stop()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });
    expect(sumOf(receiver.series(), TURNS)).toBe(2);
    expect(sumOf(receiver.series(), 'ccxray.tokens.input_total')).toBe(600);
  });
});

test('an upstream error is counted by its type', async () => {
  const receiver = await collector();
  const running = await host({ env: switchedOn(receiver.endpoint) });
  const { status } = await running.agent().claude({ metadata: { fail: true } });
  expect(status).toBe(529);
  expect(await running.stop()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });
  expect(sumOf(receiver.series(), 'ccxray.errors_total', { type: 'overloaded_error', provider: 'anthropic' })).toBe(1);
});

test('no text of a conversation reaches the collector', async () => {
  const receiver = await collector();
  const running = await host({ env: switchedOn(receiver.endpoint) });
  const agent = running.agent();
  await agent.claude();
  await agent.claude({ stream: false });
  await agent.claude({ metadata: { fail: true } });
  await agent.codex();
  await agent.codexSocket([{}]);
  expect(await running.stop()).toMatchObject({ code: 0, stderr: on(receiver.endpoint) });
  expect(sumOf(receiver.series(), TURNS)).toBeGreaterThan(0);
  expect(JSON.stringify([receiver.series(), receiver.lastRequest])).not.toContain(SECRET);
});

function tokens(input, output, read, creation) {
  return { input, output, cache_read: read, cache_creation: creation };
}
