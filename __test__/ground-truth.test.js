'use strict';

const { capturedTurns } = require('../demo/turns');
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
});

function sum(series) {
  return Array.from(series.values()).reduce((total, value) => total + value, 0);
}
