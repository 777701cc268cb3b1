'use strict';

const { attempts, calls, program, text, tool } = require('../answers');
const { before } = require('../versions');

const SOCKETS = { sockets: true };
const echo = tool('exec_command', { cmd: 'echo hello' });
const turns = (count) => ({ turns: count, sessions: 1, types: { default: count }, stops: { completed: count }, modes: { never: count }, contexts: count });
const overHttp = (trigger) => ({ when: before('0.145.0'), why: 'it asks for the compaction over HTTP, and says there who wants it', expect: { compactions: { [trigger]: 1 } } });

module.exports = [
  {
    name: 'socket-text',
    about: 'one message over a WebSocket',
    options: SOCKETS,
    script: { one: [text('Hello.')] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: turns(1),
  },
  {
    name: 'socket-exec',
    about: 'a command over a WebSocket',
    options: SOCKETS,
    script: { one: [calls(echo), text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...turns(2), tools: { exec_command: 1 } },
  },
  {
    name: 'socket-code-mode',
    about: 'a program over a WebSocket',
    options: SOCKETS,
    script: { one: [calls(program(echo)), text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: ['-m', 'gpt-5.6-sol'] }],
    expect: { ...turns(2), tools: { exec: 1 } },
  },
  {
    name: 'socket-mcp',
    about: 'a tool of an MCP server over a WebSocket',
    options: { ...SOCKETS, mcp: ['github'] },
    script: { one: [calls(program(tool('mcp__github__get_me'))), text('Done.')] },
    steps: [{ run: 'Who am I? CUE_one', flags: ['-m', 'gpt-5.6-sol'] }],
    expect: { ...turns(2), tools: { exec: 1 }, mcp: { 'github/custom': 1 } },
  },
  {
    name: 'socket-resume',
    about: 'a session that goes on over another WebSocket',
    options: SOCKETS,
    script: { one: [text('Hello.')], two: [text('Hello again.')] },
    steps: [{ run: 'Say hello. CUE_one' }, { program: ['exec', '--skip-git-repo-check', '-m', 'gpt-5.5', 'resume', '--last', 'Again. CUE_two'], run: '' }],
    expect: turns(2),
  },
  {
    name: 'socket-terminal',
    about: 'two messages in a terminal over a WebSocket',
    options: SOCKETS,
    script: { one: [text('Hello.')], two: [text('Hello again.')] },
    steps: [{ open: ['-a', 'on-request'] }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { close: true }],
    expect: { ...turns(2), modes: { 'on-request': 2 } },
  },
  {
    name: 'socket-refused',
    about: 'an upgrade that is refused: the client goes on over HTTP',
    options: SOCKETS,
    refusesSockets: true,
    script: { one: [text('Hello.')] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...turns(1), errors: { http_426: 7 } },
  },
  {
    name: 'socket-failed',
    about: 'a response that fails over a WebSocket',
    options: SOCKETS,
    script: { one: [attempts({ blocks: [{ text: 'Hel' }], status: 'failed', tokens: null, extra: { error: { code: 'server_error', message: 'made up' } } }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...turns(2), stops: { failed: 1, completed: 1 }, errors: { server_error: 1 }, contexts: 1 },
  },
  {
    name: 'socket-cut',
    about: 'a WebSocket that ends in the middle of an answer',
    options: SOCKETS,
    script: { one: [attempts({ ...text('Hel'), end: 'cut' }, text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: { ...turns(2), stops: { completed: 1 }, contexts: 1, truncated: 1 },
  },
  {
    name: 'socket-compact',
    about: 'the user asks for a compaction, which the API makes',
    options: SOCKETS,
    script: { one: [text('Hello.')], two: [text('Hello again.')], three: [text('And again.')] },
    steps: [{ open: ['-a', 'on-request'] }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { say: '/compact' }, { pause: 1500 }, { say: 'Go on. CUE_three' }, { close: true }],
    expect: { ...turns(4), modes: { 'on-request': 4 }, compactions: { unknown: 1 } },
    differs: [overHttp('manual')],
  },
  {
    name: 'socket-compact-at-limit',
    about: 'the conversation is larger than the limit that is configured',
    options: SOCKETS,
    script: { one: [text('Hello.', { tokens: { input: 90_000, read: 1000, output: 60 } })], two: [text('Hello again.')] },
    steps: [
      { run: 'Say hello. CUE_one', flags: ['-c', 'model_auto_compact_token_limit=20000'] },
      { program: ['exec', '--skip-git-repo-check', '-m', 'gpt-5.5', '-c', 'model_auto_compact_token_limit=20000', 'resume', '--last', 'Go on. CUE_two'], run: '' },
    ],
    expect: { ...turns(3), compactions: { unknown: 1 } },
    differs: [overHttp('auto')],
  },
];
