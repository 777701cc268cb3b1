'use strict';

const { capturedTurns } = require('../demo/turns');
const { errorType, modelFamily } = require('./support/catalog');
const { groundTruth } = require('./support/ground-truth');

describe('the ground truth', () => {
  test('of the captured entries is what one counts by hand', () => {
    const { counters, histograms } = groundTruth(capturedTurns());
    expect(sum(counters.get('ccxray.provider.distribution_total'))).toBe(27);
    expect(Object.fromEntries(counters.get('ccxray.sessions_total'))).toEqual({
      '{"provider":"anthropic"}': 1, '{"provider":"openai"}': 3, '{"provider":"xai"}': 1,
    });
    expect(Object.fromEntries(counters.get('ccxray.stop_reason_total'))).toEqual({
      '{"reason":"tool_use"}': 4, '{"reason":"end_turn"}': 2, '{"reason":"max_tokens"}': 1,
      '{"reason":"completed"}': 7, '{"reason":"failed"}': 2, '{"reason":"incomplete"}': 1,
    });
    expect(sum(counters.get('ccxray.errors_total'))).toBe(7);
    expect(sum(counters.get('ccxray.invariants.sse_truncated_total'))).toBe(4);
    expect(counters.get('ccxray.cost.usd_total').get('{"model":"gpt-5.5","provider":"openai"}')).toBeCloseTo(7 * 0.134742, 12);
    expect(counters.get('ccxray.cost.unpriced_total').get('{"model":"gpt-4o","provider":"anthropic"}')).toBe(1);
    expect(histograms.get('ccxray.tools_per_turn').get('{}')).toEqual({ count: 27, sum: 62 });
  });

  test.each([
    ['is understood', {}, false],
    ['calls a tool that no catalog has', { res: { content: [{ type: 'tool_use', name: 'AcmeDeploy' }] }, turnToolCalls: { AcmeDeploy: 1 } }, true],
    ['calls an MCP tool of an odd name', { turnToolCalls: { mcp__acme: 1 } }, true],
    ['was counted otherwise by the host', { res: { content: [] }, turnToolCalls: { Bash: 1 } }, true],
    ['has a usage that does not add up', { usage: { cache_creation_input_tokens: 3, cache_creation: { ephemeral_5m_input_tokens: 1 } } }, true],
    ['stopped for a reason of its own', { stopReason: 'daydream' }, true],
    ['has only its line', { provider: 'openai', agent: 'codex', turnToolCallIds: { call_1: 'Bash' } }, true],
  ])('marks a turn that %s as it should', (_, fields, isDegraded) => {
    const entry = { provider: 'anthropic', agent: 'claude', model: 'claude-opus-5', msgCount: 1, status: 200, ...fields };
    const turns = groundTruth([{ line: JSON.stringify(entry) }]).counters.get('ccxray.provider.distribution_total');
    expect(Array.from(turns.keys(), (labels) => JSON.parse(labels)['ccxray.parser.degraded'] === 'true')).toEqual([isDegraded]);
  });

  test.each([['never', 'never'], ['unless-trusted', 'untrusted'], ['whenever', 'other']])('reads the approval policy %s as %s', (policy, mode) => {
    const content = `<permissions instructions>Approval policy is currently ${policy}.</permissions instructions>`;
    const line = JSON.stringify({ provider: 'openai', agent: 'codex', model: 'gpt-5.5', msgCount: 1, status: 200, res: { output: [] } });
    const request = JSON.stringify({ input: [{ role: 'developer', content }] });
    expect(groundTruth([{ line, parts: { request } }]).counters.get('ccxray.permission_mode.usage_total').get(JSON.stringify({ mode }))).toBe(1);
  });

  test('leaves what the request says about the turn before to the attempt that succeeds', () => {
    const request = JSON.stringify({ messages: [{ role: 'user', content: '<command-message>acme-release</command-message>' }] });
    const fields = { turnToolResults: [{ toolFail: true }] };
    const attempts = [529, 200].map((status) => ({ line: claudeLine({ ...fields, status }), parts: { request } }));
    const { counters } = groundTruth(attempts);
    expect(sum(counters.get('ccxray.tool.failures_total'))).toBe(1);
    expect(sum(counters.get('ccxray.skill.activations_total'))).toBe(1);
    expect(sum(counters.get('ccxray.provider.distribution_total'))).toBe(2);
    expect(sum(counters.get('ccxray.errors_total'))).toBe(1);
  });

  test.each([
    ['acme-release', 1],
    ['/acme-release is running…', 1],
    ['/help', 0],
    ['compact is running…', 0],
    [' ', 0],
  ])('counts the command %j as %d skills', (words, expected) => {
    const request = JSON.stringify({ messages: [{ role: 'user', content: `<command-message>${words}</command-message>` }] });
    expect(sum(groundTruth([{ line: claudeLine({}), parts: { request } }]).counters.get('ccxray.skill.activations_total'))).toBe(expected);
  });

  test('counts a skill that the user and the model name once, with a slash or without', () => {
    const request = JSON.stringify({ messages: [{ role: 'user', content: '<command-message>acme</command-message>' }] });
    const res = { content: [{ type: 'tool_use', name: 'Skill', input: { skill: '/acme' } }] };
    expect(sum(groundTruth([{ line: claudeLine({ res }), parts: { request } }]).counters.get('ccxray.skill.activations_total'))).toBe(1);
  });

  test.each([
    ['by a bare marker', { type: 'response.done' }, 'completed'],
    ['with a word of its own', { type: 'response.done', response: { status: 'cancelled' } }, 'cancelled'],
  ])('takes the stop reason of a socket turn that ends %s from where it stands', (_, end, reason) => {
    const line = claudeLine({
      provider: 'openai', agent: 'codex', stopReason: 'completed', responseMetadata: { transport: 'websocket' }, res: [end],
    });
    expect(Array.from(groundTruth([{ line }]).counters.get('ccxray.stop_reason_total'))).toEqual([[JSON.stringify({ reason }), 1]]);
  });

  test.each([
    ['claude-opus-4-9', 'other'],
    ['claude-opus-4-9-20260101', 'other'],
    ['claude-opus-4-20250514', 'claude-opus-4'],
    ['claude-opus-4-0', 'claude-opus-4'],
    ['claude-opus-4-8', 'claude-opus-4-8'],
    ['grok-4-0709', 'grok-4'],
    ['anthropic/claude-opus-4@20250514', 'claude-opus-4'],
  ])('puts the model %s into the family %s', (model, family) => {
    expect(modelFamily(model)).toBe(family);
  });

  test('takes no effect from a call whose input was cut, and counts one id once', () => {
    const res = [startOfWrite(0, 'a'), { type: 'content_block_stop', index: 0 }, startOfWrite(1, 'a'), startOfWrite(2, 'b')];
    const { counters, histograms } = groundTruth([{ line: claudeLine({ res }) }]);
    expect(histograms.get('ccxray.tools_per_turn').get('{}')).toEqual({ count: 1, sum: 2 });
    expect(sum(counters.get('ccxray.file_writes_total'))).toBe(1);
  });

  test.each([
    ['used nothing', { input_tokens: 0, output_tokens: 0 }, 0],
    ['used something', { input_tokens: 0, output_tokens: 1 }, 1],
    ['counts in words of its own', { prompt_tokens: 4 }, 1],
  ])('says of a usage that %s whether it lacks a price', (_, usage, expected) => {
    expect(sum(groundTruth([{ line: claudeLine({ usage }) }]).counters.get('ccxray.cost.unpriced_total'))).toBe(expected);
  });

  test('does not let a body choose the word for an unexplained status', () => {
    expect(errorType(['http_200'], 503)).toBe('http_503');
    expect(errorType(['http_200'], 200)).toBe('unknown');
    expect(errorType(['overloaded_error', 'http_200'], 529)).toBe('overloaded_error');
  });
});

/** A plain turn on one line, but for the given fields. */
function claudeLine(fields) {
  return JSON.stringify({ provider: 'anthropic', agent: 'claude', model: 'claude-opus-5', msgCount: 1, status: 200, ...fields });
}

function startOfWrite(index, id) {
  return { type: 'content_block_start', index, content_block: { type: 'tool_use', id, name: 'Write' } };
}

function sum(series) {
  return Array.from(series?.values() ?? []).reduce((total, value) => total + value, 0);
}
