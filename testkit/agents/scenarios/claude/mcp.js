'use strict';

const { calls, text, tool } = require('../answers');

const ANY = ['--dangerously-skip-permissions'];
const called = { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { custom: 1 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 };

module.exports = [
  {
    name: 'mcp-private',
    about: 'a tool of an MCP server with a private name',
    options: { mcp: ['zoo'] },
    script: { one: [calls(tool('mcp__zoo__feed')), text('Done.')] },
    steps: [{ run: 'Feed them. CUE_one', flags: ANY }],
    expect: { ...called, mcp: { 'custom/custom': 1 } },
  },
  {
    name: 'mcp-public',
    about: 'a tool of an MCP server with a published name',
    options: { mcp: ['github'] },
    script: { one: [calls(tool('mcp__github__get_me')), text('Done.')] },
    steps: [{ run: 'Who am I? CUE_one', flags: ANY }],
    expect: { ...called, mcp: { 'github/custom': 1 } },
  },
  {
    name: 'mcp-searched',
    about: 'a tool of an MCP server that is searched for first',
    options: { mcp: ['zoo'], env: { ENABLE_TOOL_SEARCH: 'true' } },
    script: { one: [calls(tool('ToolSearch', { query: 'select:mcp__zoo__feed' })), calls(tool('mcp__zoo__feed')), text('Done.')] },
    steps: [{ run: 'Feed them. CUE_one', flags: ANY }],
    expect: { turns: 3, sessions: 1, types: { orchestrator: 3 }, tools: { ToolSearch: 1, custom: 1 }, mcp: { 'custom/custom': 1 }, stops: { tool_use: 2, end_turn: 1 }, contexts: 3 },
  },
];
