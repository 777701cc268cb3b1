'use strict';

const { calls, text, tool } = require('../answers');
const { since } = require('../versions');

const ANY = ['--dangerously-skip-permissions'];
const ZEBRA = { skills: [{ name: 'zebra', text: 'How to keep a zebra.' }] };

module.exports = [
  {
    name: 'skill-by-model',
    about: 'a private skill that the model calls',
    options: ZEBRA,
    script: { one: [calls(tool('Skill', { skill: 'zebra' })), text('Done.')] },
    steps: [{ run: 'Keep a zebra. CUE_one', flags: ANY }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Skill: 1 }, skills: { custom: 1 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'skill-by-user',
    about: "a private skill as a session's first message",
    options: ZEBRA,
    script: { one: [text('Done.')] },
    steps: [{ run: '/zebra now CUE_one' }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, skills: { custom: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
  {
    name: 'skill-by-user-haiku',
    about: 'the same with a model without system messages in a conversation',
    options: ZEBRA,
    script: { one: [text('Done.')] },
    steps: [{ run: '/zebra now CUE_one', flags: ['--model', 'claude-haiku-4-5'] }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, skills: { custom: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
  {
    name: 'skill-later',
    about: 'a private skill as the second message of a session',
    options: ZEBRA,
    script: { one: [text('Hello.')], two: [text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one' }, { run: '/zebra now CUE_two', flags: ['--continue'] }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, skills: { custom: 1 }, stops: { end_turn: 2 }, contexts: 2 },
  },
  {
    name: 'skill-with-calls',
    about: 'a skill that the user calls counts once, although two requests contain it',
    options: ZEBRA,
    script: { one: [calls(tool('Bash', { command: 'echo zebra', description: 'Say' })), text('Done.')] },
    steps: [{ run: '/zebra now CUE_one', flags: ANY }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Bash: 1 }, skills: { custom: 1 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  },
  {
    name: 'slash-command',
    about: "a command of the project's",
    options: { commands: [{ name: 'greet', text: 'Greet them.' }] },
    script: { one: [text('Hello.')] },
    steps: [{ run: '/greet you CUE_one' }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, skills: { custom: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
  {
    name: 'published-skill',
    about: 'a skill that is published with the client',
    script: { one: [text('Reviewed.')] },
    steps: [{ run: '/code-review CUE_one' }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, skills: { 'code-review': 1 }, stops: { end_turn: 1 }, contexts: 1 },
    differs: [{ when: since('2.1.300'), why: 'it gives the skill to a sub-agent, without a mark that names the skill', expect: { types: { 'general-purpose': 1 }, skills: {} } }],
  },
  {
    name: 'command-of-client',
    about: "a command of the client's own is not a skill",
    script: { one: [text('Done.')] },
    steps: [{ run: '/init CUE_one' }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
];
