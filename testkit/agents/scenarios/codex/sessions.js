'use strict';

const { text } = require('../answers');

const two = { one: [text('Hello.')], two: [text('Hello again.')] };
const turns = (count, mode) => ({ turns: count, sessions: 1, types: { default: count }, stops: { completed: count }, modes: { [mode]: count }, contexts: count });

module.exports = [
  {
    name: 'resume',
    about: 'a session that goes on',
    script: two,
    steps: [{ run: 'Say hello. CUE_one' }, { program: ['exec', '--skip-git-repo-check', '-m', 'gpt-5.5', 'resume', '--last', 'Again. CUE_two'], run: '' }],
    expect: turns(2, 'never'),
  },
  {
    name: 'two-sessions',
    about: 'two sessions one after the other',
    script: two,
    steps: [{ run: 'Say hello. CUE_one' }, { run: 'Again. CUE_two' }],
    expect: { ...turns(2, 'never'), sessions: 2 },
  },
  {
    name: 'terminal-two-messages',
    about: 'two messages in a terminal; a request for a title is no turn',
    script: two,
    steps: [{ open: ['-a', 'on-request'] }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { close: true }],
    expect: turns(2, 'on-request'),
  },
  {
    name: 'terminal-new',
    about: 'a new conversation: a new session',
    script: two,
    steps: [{ open: ['-a', 'on-request'] }, { say: 'Say hello. CUE_one' }, { say: '/new', answers: 0 }, { pause: 1500 }, { press: ['Enter'] }, { pause: 5000 }, { say: 'Again. CUE_two' }, { close: true }],
    expect: { ...turns(2, 'on-request'), sessions: 2 },
  },
  {
    name: 'compact-terminal',
    about: 'the user asks for a compaction',
    script: { ...two, three: [text('And again.')] },
    steps: [{ open: ['-a', 'on-request'] }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { say: '/compact' }, { pause: 1500 }, { say: 'Go on. CUE_three' }, { close: true }],
    expect: { ...turns(4, 'on-request'), compactions: { manual: 1 } },
  },
  {
    name: 'compact-at-limit',
    about: 'the conversation is larger than the limit that is configured',
    script: { one: [text('Hello.', { tokens: { input: 90_000, read: 1000, output: 60 } })], two: [text('Hello again.')] },
    steps: [
      { run: 'Say hello. CUE_one', flags: ['-c', 'model_auto_compact_token_limit=20000'] },
      { program: ['exec', '--skip-git-repo-check', '-m', 'gpt-5.5', '-c', 'model_auto_compact_token_limit=20000', 'resume', '--last', 'Go on. CUE_two'], run: '' },
    ],
    expect: { ...turns(3, 'never'), compactions: { auto: 1 } },
  },
  {
    name: 'plan-mode',
    about: 'the collaboration mode Plan by the keyboard',
    script: two,
    steps: [{ open: ['-a', 'on-request'] }, { say: 'Say hello. CUE_one' }, { press: ['BTab'] }, { pause: 600 }, { say: 'Plan. CUE_two' }, { close: true }],
    expect: { ...turns(2, 'on-request'), modes: { 'on-request': 1, plan: 1 } },
  },
];
