'use strict';

const { calls, patch, program, text, tool } = require('../answers');

const CODE = ['-m', 'gpt-5.6-sol'];
const echo = tool('exec_command', { cmd: 'echo hello' });
const turns = (count) => ({ turns: count, sessions: 1, types: { default: count }, stops: { completed: count }, modes: { never: count }, contexts: count });

module.exports = [
  {
    name: 'parallel-calls',
    about: 'two calls in one answer',
    script: { one: [calls(echo, tool('exec_command', { cmd: 'echo two' })), text('Done.')] },
    steps: [{ run: 'Say two words. CUE_one' }],
    expect: { ...turns(2), tools: { exec_command: 2 } },
  },
  {
    name: 'three-rounds',
    about: 'three rounds of calls',
    script: { one: [calls(echo), calls(echo), calls(echo), text('Done.')] },
    steps: [{ run: 'Say three words. CUE_one' }],
    expect: { ...turns(4), tools: { exec_command: 3 } },
  },
  {
    name: 'patch',
    about: 'a patch of two files as a custom call',
    files: { 'old.txt': 'red\n' },
    script: { one: [calls(patch({ 'new.txt': 'a line', 'old.txt': ['red', 'blue'] })), text('Done.')] },
    steps: [{ run: 'Change files. CUE_one', flags: ['-s', 'workspace-write'] }],
    expect: { ...turns(2), tools: { apply_patch: 1 }, files: 2 },
  },
  {
    name: 'plan-tool',
    about: 'the list of steps',
    script: { one: [calls(tool('update_plan', { plan: [{ step: 'Look', status: 'in_progress' }] })), text('Done.')] },
    steps: [{ run: 'Plan. CUE_one' }],
    expect: { ...turns(2), tools: { update_plan: 1 } },
  },
  {
    name: 'unknown-tool',
    about: 'a tool that the client does not have',
    script: { one: [calls(tool('MadeUpTool')), text('Done.')] },
    steps: [{ run: 'Use a tool. CUE_one' }],
    expect: { ...turns(2), tools: { custom: 1 }, unknownTools: 1, degraded: 1 },
  },
  {
    name: 'dangerous-words',
    about: 'a command that mentions a recursive deletion',
    script: { one: [calls(tool('exec_command', { cmd: "echo 'rm -rf build'" })), text('Done.')] },
    steps: [{ run: 'Say something. CUE_one' }],
    expect: { ...turns(2), tools: { exec_command: 1 }, dangerous: { recursive_delete: 1 } },
  },
  {
    name: 'web-search',
    about: 'a search that the API itself makes',
    script: { one: [{ blocks: [{ search: 'an example' }, { text: 'Found.' }] }] },
    steps: [{ run: 'Search. CUE_one' }],
    expect: { ...turns(1), tools: { web_search: 1 } },
  },
  {
    name: 'reasoning',
    about: 'an answer with reasoning',
    script: { one: [{ blocks: [{ reasoning: 'Let me see.' }, { text: 'Hello.' }] }] },
    steps: [{ run: 'Think. CUE_one' }],
    expect: turns(1),
  },
  {
    name: 'cached-tokens',
    about: 'most of the input comes from a cache',
    script: { one: [text('Hello.', { tokens: { input: 100, read: 90_000, output: 7 } })] },
    steps: [{ run: 'Say hello. CUE_one' }],
    expect: turns(1),
  },
  {
    name: 'mcp-private',
    about: 'a tool of an MCP server with a private name',
    options: { mcp: ['zoo'] },
    script: { one: [calls(tool('feed', {}, 'mcp__zoo')), text('Done.')] },
    steps: [{ run: 'Feed them. CUE_one' }],
    expect: { ...turns(2), tools: { custom: 1 }, mcp: { 'custom/custom': 1 } },
  },
  {
    name: 'mcp-public',
    about: 'a tool of an MCP server with a published name',
    options: { mcp: ['github'] },
    script: { one: [calls(tool('get_me', {}, 'mcp__github')), text('Done.')] },
    steps: [{ run: 'Who am I? CUE_one' }],
    expect: { ...turns(2), tools: { custom: 1 }, mcp: { 'github/custom': 1 } },
  },
  {
    name: 'code-mode-command',
    about: 'a program with one command',
    script: { one: [calls(program(echo)), text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: CODE }],
    expect: { ...turns(2), tools: { exec: 1 } },
  },
  {
    name: 'code-mode-default-model',
    about: 'the same with the default model',
    script: { one: [calls(program(echo)), text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: ['-m', 'gpt-6.2-sol'] }],
    expect: { ...turns(2), tools: { exec: 1 } },
  },
  {
    name: 'code-mode-patch',
    about: 'a program with a patch of two files',
    script: { one: [calls(program(patch({ 'new.txt': 'a line', 'other.txt': 'a line' }))), text('Done.')] },
    steps: [{ run: 'Write files. CUE_one', flags: [...CODE, '-s', 'workspace-write'] }],
    expect: { ...turns(2), tools: { exec: 1 }, files: 2 },
  },
  {
    name: 'code-mode-mcp',
    about: 'a program that calls tools of MCP servers',
    options: { mcp: ['zoo', 'github'] },
    script: { one: [calls(program(tool('mcp__zoo__feed'), tool('mcp__github__get_me'))), text('Done.')] },
    steps: [{ run: 'Feed them. CUE_one', flags: CODE }],
    expect: { ...turns(2), tools: { exec: 1 }, mcp: { 'custom/custom': 1, 'github/custom': 1 } },
  },
  {
    name: 'code-mode-dangerous',
    about: 'a program with a command that mentions a recursive deletion',
    script: { one: [calls(program(tool('exec_command', { cmd: "echo 'rm -rf build'" }))), text('Done.')] },
    steps: [{ run: 'Say something. CUE_one', flags: CODE }],
    expect: { ...turns(2), tools: { exec: 1 }, dangerous: { recursive_delete: 1 } },
  },
];
