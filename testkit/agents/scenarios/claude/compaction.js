'use strict';

const { attempts, http, text } = require('../answers');
const { before } = require('../versions');

const HAIKU = ['--model', 'claude-haiku-4-5'];
const PLAN = ['--permission-mode', 'plan'];
const AGAIN = { run: 'Go on. CUE_two', flags: ['--continue'] };
const FULL = { input: 180_000, read: 4000, write: 0, output: 60 };
const two = { one: [text('Hello.')], two: [text('Hello again.')] };
const three = { ...two, three: [text('And again.')] };
const tooLong = http(400, 'invalid_request_error', { message: 'prompt is too long: 210000 tokens > 200000 maximum' });
const turns = (count) => ({ turns: count, sessions: 1, types: { orchestrator: count }, contexts: count, stops: { end_turn: count } });

module.exports = [
  {
    name: 'compact-command',
    about: 'the user asks for a compaction',
    script: three,
    steps: [{ run: 'Say hello. CUE_one' }, AGAIN, { run: '/compact', flags: ['--continue'] }, { run: 'Go on. CUE_three', flags: ['--continue'] }],
    expect: { ...turns(4), compactions: { manual: 1 } },
  },
  {
    name: 'compact-command-haiku',
    about: 'the same with a model without system messages in a conversation',
    script: three,
    steps: ['Say hello. CUE_one', 'Go on. CUE_two', '/compact', 'Go on. CUE_three'].map((run, i) => ({ run, flags: [...(i > 0 ? ['--continue'] : []), ...HAIKU] })),
    expect: { ...turns(4), compactions: { manual: 1 } },
  },
  {
    name: 'compact-terminal',
    about: 'the user asks for a compaction in a terminal',
    script: three,
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { say: '/compact' }, { until: /Compacted|compacted/ }, { say: 'Go on. CUE_three' }, { close: true }],
    expect: { ...turns(4), compactions: { manual: 1 } },
  },
  {
    name: 'compact-at-limit',
    about: 'the window is almost full',
    options: { env: { CLAUDE_CODE_AUTO_COMPACT_WINDOW: '190000' } },
    script: { ...three, two: [text('Hello again.', { tokens: FULL })] },
    steps: [{ open: HAIKU }, { say: 'Say hello. CUE_one' }, { say: 'Go on. CUE_two' }, { say: 'Go on. CUE_three', answers: 2 }, { close: true }],
    expect: { ...turns(4), compactions: { auto: 1 } },
  },
  {
    name: 'compact-at-own-limit',
    about: 'the conversation is larger than a limit that the user has set, and that nothing on the wire shows',
    options: { env: { CLAUDE_CODE_AUTO_COMPACT_WINDOW: '100000' } },
    script: { ...three, two: [text('Hello again.', { tokens: { input: 90_000, read: 4000, write: 0, output: 60 } })] },
    steps: [{ open: HAIKU }, { say: 'Say hello. CUE_one' }, { say: 'Go on. CUE_two' }, { say: 'Go on. CUE_three', answers: 2 }, { close: true }],
    expect: { ...turns(4), compactions: { unknown: 1 } },
  },
  {
    name: 'compact-too-long',
    about: 'the API says that the prompt is too long',
    script: { ...three, three: [attempts(tooLong, text('And again.'))] },
    steps: [{ open: HAIKU }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { say: 'Go on. CUE_three', answers: 3 }, { close: true }],
    expect: { ...turns(5), stops: { end_turn: 4 }, contexts: 4, errors: { invalid_request_error: 1 }, compactions: { unknown: 1 } },
    differs: [{
      when: before('2.1.197'),
      why: 'it gives up, and tells the user to compact',
      steps: [{ open: HAIKU }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { say: 'Go on. CUE_three' }, { close: true }],
      expect: { ...turns(3), stops: { end_turn: 2 }, contexts: 2, compactions: {} },
    }],
  },
  {
    name: 'compact-in-plan-mode',
    about: 'plan mode stays over a compaction',
    script: three,
    steps: [{ open: PLAN }, { say: 'Plan. CUE_one' }, { say: 'Again. CUE_two' }, { say: '/compact' }, { until: /Compacted|compacted/ }, { say: 'Go on. CUE_three' }, { close: true }],
    expect: { ...turns(4), compactions: { manual: 1 }, modes: { plan: 4 } },
  },
];
