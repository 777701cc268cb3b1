'use strict';

/** Headers of a response, with the rate limits of a subscription or of an API key. Some values are not usable. */
function anthropicHeaders(random) {
  return random.pick([
    {
      'anthropic-ratelimit-unified-5h-utilization': share(random),
      'anthropic-ratelimit-unified-7d-utilization': share(random),
      'request-id': 'req_synthetic',
    },
    {
      'anthropic-ratelimit-requests-limit': '1000',
      'anthropic-ratelimit-requests-remaining': String(random.int(0, 1000)),
      'anthropic-ratelimit-tokens-limit': '400000',
      'anthropic-ratelimit-tokens-remaining': String(random.int(0, 400_000)),
    },
    {
      'anthropic-ratelimit-unified-5h-utilization': 'allowed',
      'anthropic-ratelimit-tokens-limit': '0',
      'anthropic-ratelimit-tokens-remaining': '0',
    },
    { 'retry-after': '7', 'anthropic-ratelimit-requests-limit': '1000' },
  ]);
}

/** Rate-limit headers for Codex: two windows of several lengths, or the limits of an API key. */
function codexHeaders(random) {
  if (random.chance(0.3)) {
    return {
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-requests': String(random.int(0, 510)),
      'x-ratelimit-limit-tokens': random.pick(['200000', '0']),
      'x-ratelimit-remaining-tokens': String(random.int(0, 200_000)),
    };
  }
  return {
    'x-codex-primary-used-percent': String(random.int(0, 100)),
    'x-codex-primary-window-minutes': random.pick(['300', '300', '299', '301', '60', '43200']),
    'x-codex-secondary-used-percent': `${random.int(0, 99)}.5`,
    'x-codex-secondary-window-minutes': random.pick(['10080', '10080', '10079', '10081', '43200']),
  };
}

function share(random) {
  return (random.int(0, 100) / 100).toFixed(2);
}

module.exports = { anthropicHeaders, codexHeaders };
