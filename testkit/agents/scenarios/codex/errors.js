'use strict';

const { attempts, http, text } = require('../answers');
const { before } = require('../versions');

const one = { turns: 1, sessions: 1, types: { default: 1 }, modes: { never: 1 } };
const retried = { turns: 2, sessions: 1, types: { default: 2 }, modes: { never: 2 }, contexts: 1 };

module.exports = [
  {
    name: 'rate-limit',
    about: 'too many requests',
    script: { one: [attempts(http(429, 'rate_limit_exceeded', { code: 'rate_limit_exceeded' }), text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one', exit: 1 }],
    expect: { ...one, errors: { rate_limit_exceeded: 1 } },
  },
  {
    name: 'server-error',
    about: 'an error of the API, then an answer',
    script: { one: [attempts(http(500, 'server_error', { code: 'server_error' }), text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, errors: { server_error: 1 }, stops: { completed: 1 } },
  },
  {
    name: 'failed',
    about: 'a response that fails, then an answer',
    script: { one: [attempts({ blocks: [{ text: 'Hel' }], status: 'failed', tokens: null, extra: { error: { code: 'server_error', message: 'made up' } } }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, errors: { server_error: 1 }, stops: { failed: 1, completed: 1 } },
  },
  {
    name: 'incomplete',
    about: 'a response that is cut at the limit of tokens',
    script: { one: [attempts({ blocks: [{ text: 'Hel' }], status: 'incomplete', extra: { incomplete_details: { reason: 'max_output_tokens' } } }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one', exit: 1 }],
    expect: { ...one, contexts: 1, maxTokens: 1, stops: { incomplete: 1 } },
    differs: [{ when: before('0.145.0'), why: 'it asks again', steps: [{ run: 'Say hello. CUE_one' }], expect: { ...retried, contexts: 2, stops: { incomplete: 1, completed: 1 } } }],
  },
  {
    name: 'truncated',
    about: 'a stream that ends quietly without its last event',
    script: { one: [attempts({ ...text('Hel'), end: 'cut' }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, truncated: 1, stops: { completed: 1 } },
  },
  {
    name: 'reset',
    about: 'a connection that is reset leaves no record',
    script: { one: [attempts({ ...text('Hel'), end: 'reset' }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...one, contexts: 1, stops: { completed: 1 } },
  },
];
