'use strict';

const { text } = require('../answers');

const ID = '11111111-2222-4333-8444-555555555555';
const two = { one: [text('Hello.')], two: [text('Hello again.')] };
const same = { turns: 2, sessions: 1, types: { orchestrator: 2 }, stops: { end_turn: 2 }, contexts: 2 };

module.exports = [
  {
    name: 'continue',
    about: 'a session that goes on',
    script: two,
    steps: [{ run: 'Say hello. CUE_one' }, { run: 'Again. CUE_two', flags: ['--continue'] }],
    expect: same,
  },
  {
    name: 'resume',
    about: 'a session that is resumed by its id',
    script: two,
    steps: [{ run: 'Say hello. CUE_one', flags: ['--session-id', ID] }, { run: 'Again. CUE_two', flags: ['--resume', ID] }],
    expect: same,
  },
  {
    name: 'fork',
    about: 'a session that is resumed as a new one',
    script: two,
    steps: [{ run: 'Say hello. CUE_one' }, { run: 'Again. CUE_two', flags: ['--continue', '--fork-session'] }],
    expect: { ...same, sessions: 2 },
  },
  {
    name: 'two-sessions',
    about: 'two sessions one after the other',
    script: two,
    steps: [{ run: 'Say hello. CUE_one' }, { run: 'Again. CUE_two' }],
    expect: { ...same, sessions: 2 },
  },
];
