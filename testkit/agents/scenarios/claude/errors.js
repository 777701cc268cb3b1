'use strict';

const { attempts, calls, http, text, tool } = require('../answers');
const { since } = require('../versions');

const retried = { turns: 2, sessions: 1, types: { orchestrator: 2 }, stops: { end_turn: 1 }, contexts: 1 };
/** A stream that has begun has reported its input, so its context counts. */
const begun = { contexts: 2 };
const once = { turns: 1, sessions: 1, types: { orchestrator: 1 } };

module.exports = [
  {
    name: 'rate-limit',
    about: 'too many requests, then an answer',
    script: { one: [attempts(http(429, 'rate_limit_error', { headers: { 'retry-after': '1' } }), text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, errors: { rate_limit_error: 1 } },
  },
  {
    name: 'overloaded',
    about: 'an overloaded API, then an answer',
    script: { one: [attempts(http(529, 'overloaded_error'), text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, errors: { overloaded_error: 1 } },
  },
  {
    name: 'server-error',
    about: 'an error of the API, then an answer',
    script: { one: [attempts(http(500, 'api_error'), text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, errors: { api_error: 1 } },
  },
  {
    name: 'no-permission',
    about: 'a key that may not use the model',
    script: { one: [http(403, 'permission_error')] },
    steps: [{ run: 'Say hello. CUE_one', exit: 1 }],
    expect: { ...once, errors: { permission_error: 1 } },
  },
  {
    name: 'error-in-stream',
    about: 'a stream that ends in an error is asked for again without a stream',
    script: { one: [attempts({ ...text('Hel'), end: 'error', error: { type: 'api_error', message: 'made up' } }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, ...begun, errors: { api_error: 1 } },
  },
  {
    name: 'overloaded-in-stream',
    about: 'the same with another error',
    script: { one: [attempts({ ...text('Hel'), end: 'error', error: { type: 'overloaded_error', message: 'made up' } }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, ...begun, errors: { overloaded_error: 1 } },
  },
  {
    name: 'truncated',
    about: 'a stream that ends quietly without its last event',
    script: { one: [attempts({ ...text('Hel'), end: 'cut' }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...retried, ...begun, truncated: 1 },
    differs: [{
      host: 'ccxray',
      why: 'ccxray adds a line about the usage to the answer, so the client takes it for a complete one and does not ask again',
      expect: { turns: 1, types: { orchestrator: 1 }, stops: {}, contexts: 1 },
    }],
  },
  {
    name: 'reset',
    about: 'a connection that is reset leaves no record',
    script: { one: [attempts({ ...text('Hel'), end: 'reset' }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...once, stops: { end_turn: 1 }, contexts: 1 },
  },
  {
    name: 'max-tokens',
    about: 'an answer that is cut at the limit of tokens',
    script: { one: [attempts({ ...text('Hel'), stop: 'max_tokens' }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, stops: { max_tokens: 1, end_turn: 1 }, maxTokens: 1, contexts: 2 },
  },
  {
    name: 'refusal',
    about: 'a model that refuses',
    script: { one: [{ ...text('No.'), stop: 'refusal' }] },
    steps: [{ run: 'Say hello. CUE_one', exit: 1 }],
    expect: { ...once, stops: { refusal: 1 }, contexts: 1 },
    differs: [{ when: since('2.1.300'), why: 'it asks once more', expect: { turns: 2, types: { orchestrator: 2 }, stops: { refusal: 2 }, contexts: 2 } }],
  },
  {
    name: 'stop-sequence',
    about: 'an answer that ends at a stop sequence',
    script: { one: [{ ...text('Hello.'), stop: 'stop_sequence' }] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...once, stops: { stop_sequence: 1 }, contexts: 1 },
  },
  {
    name: 'error-after-call',
    about: 'an overloaded API in the middle of a conversation',
    script: { one: [calls(tool('Bash', { command: 'echo one', description: 'Say' })), attempts(http(529, 'overloaded_error'), text('Done.'))] },
    steps: [{ run: 'Say one. CUE_one', flags: ['--dangerously-skip-permissions'] }],
    expect: { turns: 3, sessions: 1, types: { orchestrator: 3 }, tools: { Bash: 1 }, errors: { overloaded_error: 1 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'interrupt',
    about: 'the user stops the client; the proxy reads the answer to its end',
    script: { one: [{ ...text('A long answer that nobody waits for, which goes on and on and on.'), slowMs: 300 }] },
    steps: [{ run: 'Say much. CUE_one', interruptAfter: 1 }],
    expect: { ...once, stops: { end_turn: 1 }, contexts: 1 },
  },
];
