'use strict';

const WINDOWS = { 300: '5h', 10080: '7d' };

/**
 * The used share of each rate limit, from the headers of a response.
 * @param {Record<string, string>} headers
 * @yields {[string, number]} a window, or a kind of limit, and the share
 */
function* quotasOf(headers) {
  for (const window of ['5h', '7d']) {
    const used = numberIn(headers[`anthropic-ratelimit-unified-${window}-utilization`]);
    if (used !== undefined) yield [window, used];
  }
  for (const allowance of ['requests', 'tokens']) {
    const limit = numberIn(headers[`anthropic-ratelimit-${allowance}-limit`] ?? headers[`x-ratelimit-limit-${allowance}`]);
    const remaining = numberIn(headers[`anthropic-ratelimit-${allowance}-remaining`] ?? headers[`x-ratelimit-remaining-${allowance}`]);
    if (limit > 0 && remaining !== undefined) yield [allowance, Math.max(0, 1 - remaining / limit)];
  }
  for (const rank of ['primary', 'secondary']) {
    const window = WINDOWS[headers[`x-codex-${rank}-window-minutes`]];
    const used = numberIn(headers[`x-codex-${rank}-used-percent`]);
    if (window !== undefined && used !== undefined) yield [window, used / 100];
  }
}

function numberIn(text) {
  const number = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

module.exports = { quotasOf };
