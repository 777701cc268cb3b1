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
});

function sum(series) {
  return Array.from(series.values()).reduce((total, value) => total + value, 0);
}
