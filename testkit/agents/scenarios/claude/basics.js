'use strict';

const { calls, http, text, tool } = require('../answers');
const { since } = require('../versions');

module.exports = [
  {
    name: 'text',
    about: 'one message, one answer',
    script: { one: [text('Hello.')] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
  {
    name: 'bash',
    about: 'a command and its result',
    script: { one: [calls(tool('Bash', { command: 'echo hello', description: 'Say hello' })), text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: ['--dangerously-skip-permissions'] }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Bash: 1 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'invalid-request',
    about: 'a request that the API refuses',
    script: { one: [http(400, 'invalid_request_error')] },
    steps: [{ run: 'Say hello. CUE_one', exit: 1 }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, errors: { invalid_request_error: 1 } },
    differs: [{ when: since('2.1.300'), why: 'it tries six times', expect: { turns: 6, types: { orchestrator: 6 }, errors: { invalid_request_error: 6 } } }],
  },
];
