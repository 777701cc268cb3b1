'use strict';

const { calls, text, tool } = require('../answers');

const ANY = ['--dangerously-skip-permissions'];
const bash = (command) => tool('Bash', { command, description: 'Say it' });

module.exports = [
  {
    name: 'parallel-calls',
    about: 'three calls in one answer',
    script: { one: [calls(bash('echo one'), bash('echo two'), bash('echo three')), text('Done.')] },
    steps: [{ run: 'Say three words. CUE_one', flags: ANY }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Bash: 3 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'three-rounds',
    about: 'three rounds of calls',
    script: { one: [calls(bash('echo one')), calls(bash('echo two')), calls(bash('echo three')), text('Done.')] },
    steps: [{ run: 'Say three words. CUE_one', flags: ANY }],
    expect: { turns: 4, sessions: 1, types: { orchestrator: 4 }, tools: { Bash: 3 }, stops: { tool_use: 3, end_turn: 1 }, contexts: 4 },
  },
  {
    name: 'write',
    about: 'a new file',
    script: { one: [calls(tool('Write', { file_path: 'new.txt', content: 'a line' })), text('Done.')] },
    steps: [{ run: 'Write a file. CUE_one', flags: ANY }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Write: 1 }, files: 1, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'read-edit',
    about: 'a file is read, then changed',
    files: { 'old.txt': 'red\n' },
    script: { one: [calls(tool('Read', { file_path: 'old.txt' })), calls(tool('Edit', { file_path: 'old.txt', old_string: 'red', new_string: 'blue' })), text('Done.')] },
    steps: [{ run: 'Change a file. CUE_one', flags: ANY }],
    expect: { turns: 3, sessions: 1, types: { orchestrator: 3 }, tools: { Read: 1, Edit: 1 }, files: 1, stops: { tool_use: 2, end_turn: 1 }, contexts: 3 },
  },
  {
    name: 'notebook',
    about: 'a cell of a notebook is changed',
    files: { 'a.ipynb': '{"cells":[{"cell_type":"code","id":"c1","metadata":{},"outputs":[],"source":["1"],"execution_count":null}],"metadata":{},"nbformat":4,"nbformat_minor":5}' },
    script: { one: [calls(tool('Read', { file_path: 'a.ipynb' })), calls(tool('NotebookEdit', { notebook_path: 'a.ipynb', cell_id: 'c1', new_source: '2' })), text('Done.')] },
    steps: [{ run: 'Change a notebook. CUE_one', flags: ANY }],
    expect: { turns: 3, sessions: 1, types: { orchestrator: 3 }, tools: { Read: 1, NotebookEdit: 1 }, files: 1, stops: { tool_use: 2, end_turn: 1 }, contexts: 3 },
  },
  {
    name: 'failing-call',
    about: 'a file that does not exist is read',
    script: { one: [calls(tool('Read', { file_path: 'missing.txt' })), text('Done.')] },
    steps: [{ run: 'Read a file. CUE_one', flags: ANY }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Read: 1 }, toolFailures: 1, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'unknown-tool',
    about: 'a tool that the client does not have',
    script: { one: [calls(tool('MadeUpTool')), text('Done.')] },
    steps: [{ run: 'Use a tool. CUE_one', flags: ANY }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { custom: 1 }, unknownTools: 1, degraded: 1, toolFailures: 1, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'refused-call',
    about: 'a call for which no person can be asked',
    script: { one: [calls(tool('Write', { file_path: 'new.txt', content: 'a line' })), text('Done.')] },
    steps: [{ run: 'Write a file. CUE_one' }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Write: 1 }, files: 1, toolFailures: 1, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'dangerous-words',
    about: 'a command that mentions a recursive deletion',
    script: { one: [calls(bash("echo 'rm -rf build'")), text('Done.')] },
    steps: [{ run: 'Say something. CUE_one', flags: ANY }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Bash: 1 }, dangerous: { recursive_delete: 1 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'search-on-server',
    about: 'a search that the API itself makes',
    script: { one: [{ blocks: [{ search: 'an example' }, { text: 'Found.' }] }] },
    steps: [{ run: 'Search. CUE_one' }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, tools: { web_search: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
  {
    name: 'thinking',
    about: 'an answer with thinking',
    script: { one: [{ blocks: [{ thinking: 'Let me see.' }, { text: 'Hello.' }] }] },
    steps: [{ run: 'Think. CUE_one' }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
  {
    name: 'thinking-and-call',
    about: 'thinking in front of a call',
    script: { one: [{ blocks: [{ thinking: 'Let me see.' }, bash('echo one')] }, { blocks: [{ thinking: 'I see.' }, { text: 'Done.' }] }] },
    steps: [{ run: 'Think. CUE_one', flags: ANY }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Bash: 1 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
];
