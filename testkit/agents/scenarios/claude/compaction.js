'use strict';

const { attempts, http, text } = require('../answers');

const HAIKU = ['--model', 'claude-haiku-4-5'];
const PLAN = ['--permission-mode', 'plan'];
const AGAIN = { run: 'Go on. CUE_two', flags: ['--continue'] };
const FULL = { input: 180_000, read: 4000, write: 0, output: 60 };
const two = { one: [text('Hello.')], two: [text('Hello again.')] };
const tooLong = http(400, 'invalid_request_error', { message: 'prompt is too long: 210000 tokens > 200000 maximum' });
const turns = (count) => ({ turns: count, sessions: 1, types: { orchestrator: count }, contexts: count, stops: { end_turn: count } });

module.exports = [
  {
    name: 'compact-command',
    about: 'the user asks for a compaction',
    script: two,
    steps: [{ run: 'Say hello. CUE_one' }, { run: '/compact', flags: ['--continue'] }, AGAIN],
    expect: { ...turns(3), compactions: { manual: 1 } },
  },
  {
    name: 'compact-command-haiku',
    about: 'the same with a model without system messages in a conversation',
    script: two,
    steps: [{ run: 'Say hello. CUE_one', flags: HAIKU }, { run: '/compact', flags: ['--continue', ...HAIKU] }, { ...AGAIN, flags: ['--continue', ...HAIKU] }],
    expect: { ...turns(3), compactions: { manual: 1 } },
  },
  {
    name: 'compact-terminal',
    about: 'the user asks for a compaction in a terminal',
    script: { ...two, three: [text('And again.')] },
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { say: '/compact' }, { until: /Compacted|compacted/ }, { say: 'Go on. CUE_three' }, { close: true }],
    expect: { ...turns(4), compactions: { manual: 1 } },
  },
  {
    name: 'compact-at-limit',
    about: 'the window is almost full',
    script: { one: [text('Hello.', { tokens: FULL })], two: [text('Hello again.')] },
    steps: [{ open: HAIKU }, { say: 'Say hello. CUE_one' }, { say: 'Go on. CUE_two', answers: 2 }, { close: true }],
    expect: { ...turns(3), compactions: { auto: 1 } },
  },
  {
    name: 'compact-too-long',
    about: 'the API says that the prompt is too long',
    script: { one: [text('Hello.')], two: [attempts(tooLong, text('Hello again.'))] },
    steps: [{ open: HAIKU }, { say: 'Say hello. CUE_one' }, { say: 'Go on. CUE_two', answers: 3 }, { close: true }],
    expect: { ...turns(4), stops: { end_turn: 3 }, contexts: 3, errors: { invalid_request_error: 1 }, compactions: { unknown: 1 } },
  },
  {
    name: 'compact-in-plan-mode',
    about: 'plan mode stays over a compaction',
    script: { ...two, three: [text('And again.')] },
    steps: [{ open: PLAN }, { say: 'Plan. CUE_one' }, { say: 'Again. CUE_two' }, { say: '/compact' }, { until: /Compacted|compacted/ }, { say: 'Go on. CUE_three' }, { close: true }],
    expect: { ...turns(4), compactions: { manual: 1 }, modes: { plan: 4 } },
  },
];
