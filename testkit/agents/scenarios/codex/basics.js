'use strict';

const { calls, http, text, tool } = require('../answers');

module.exports = [
  {
    name: 'text',
    about: 'one message, one answer',
    script: { one: [text('Hello.')] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { turns: 1, sessions: 1, types: { default: 1 }, stops: { completed: 1 }, modes: { never: 1 }, contexts: 1 },
  },
  {
    name: 'exec',
    about: 'a command and its result',
    script: { one: [calls(tool('exec_command', { cmd: 'echo hello' })), text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { turns: 2, sessions: 1, types: { default: 2 }, tools: { exec_command: 1 }, stops: { completed: 2 }, modes: { never: 2 }, contexts: 2 },
  },
  {
    name: 'invalid-request',
    about: 'a request that the API refuses',
    script: { one: [http(400, 'invalid_request_error')] },
    steps: [{ run: 'Say hello. CUE_one', exit: 1 }],
    expect: { turns: 1, sessions: 1, types: { default: 1 }, errors: { invalid_request_error: 1 }, modes: { never: 1 } },
  },
];
