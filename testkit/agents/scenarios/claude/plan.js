'use strict';

const { calls, text, tool } = require('../answers');

const PLAN = ['--permission-mode', 'plan'];
const bash = tool('Bash', { command: 'echo one', description: 'Say' });
const exit = tool('ExitPlanMode', { plan: 'Do it.' });
const EXIT = /Exit plan mode\?|Would you like to proceed/;
const turns = (count, stops) => ({ turns: count, sessions: 1, types: { orchestrator: count }, contexts: count, stops });

module.exports = [
  {
    name: 'plan-flag',
    about: 'plan mode by a flag',
    script: { one: [text('A plan.')] },
    steps: [{ run: 'Plan. CUE_one', flags: PLAN }],
    expect: { ...turns(1, { end_turn: 1 }), modes: { plan: 1 } },
  },
  {
    name: 'plan-flag-haiku',
    about: 'the same with a model without system messages in a conversation',
    script: { one: [text('A plan.')] },
    steps: [{ run: 'Plan. CUE_one', flags: [...PLAN, '--model', 'claude-haiku-4-5'] }],
    expect: { ...turns(1, { end_turn: 1 }), modes: { plan: 1 } },
  },
  {
    name: 'plan-with-calls',
    about: 'plan mode is said once, and lasts for the calls behind it',
    files: { 'old.txt': 'red\n' },
    script: { one: [calls(tool('Read', { file_path: 'old.txt' })), calls(bash), text('A plan.')] },
    steps: [{ run: 'Plan. CUE_one', flags: PLAN }],
    expect: { ...turns(3, { tool_use: 2, end_turn: 1 }), tools: { Read: 1, Bash: 1 }, modes: { plan: 3 } },
  },
  {
    name: 'plan-several-messages',
    about: 'plan mode over three messages',
    script: { one: [text('A plan.')], two: [text('A better plan.')], three: [text('The best plan.')] },
    steps: [{ run: 'Plan. CUE_one', flags: PLAN }, { run: 'Better. CUE_two', flags: ['--continue', ...PLAN] }, { run: 'Best. CUE_three', flags: ['--continue', ...PLAN] }],
    expect: { ...turns(3, { end_turn: 3 }), modes: { plan: 3 } },
  },
  {
    name: 'plan-keyboard',
    about: 'plan mode by the keyboard, from the second message on',
    script: { one: [text('Hello.')], two: [text('A plan.')], three: [text('A better plan.')] },
    steps: [
      { open: [] }, { say: 'Say hello. CUE_one' }, { press: ['BTab', 'BTab'], until: /plan mode on/ }, { say: 'Plan. CUE_two' }, { say: 'Better. CUE_three' }, { close: true },
    ],
    expect: { ...turns(3, { end_turn: 3 }), modes: { plan: 2 } },
  },
  {
    name: 'plan-left-by-keyboard',
    about: 'plan mode that the user leaves',
    script: { one: [text('A plan.')], two: [text('Done.')], three: [text('Done again.')] },
    steps: [
      { open: PLAN }, { say: 'Plan. CUE_one' }, { press: ['BTab'] }, { pause: 500 }, { say: 'Do it. CUE_two' }, { say: 'Again. CUE_three' }, { close: true },
    ],
    expect: { ...turns(3, { end_turn: 3 }), modes: { plan: 1 } },
  },
  {
    name: 'plan-approved',
    about: 'a plan that the user approves',
    script: { one: [calls(exit), text('Done.')] },
    steps: [{ open: PLAN }, { say: 'Plan. CUE_one' }, { until: EXIT }, { press: ['Enter'], answers: 1 }, { close: true }],
    expect: { ...turns(2, { tool_use: 1, end_turn: 1 }), tools: { ExitPlanMode: 1 }, modes: { plan: 1 } },
  },
  {
    name: 'plan-refused',
    about: 'a plan that the user refuses: plan mode stays',
    script: { one: [calls(exit), text('Done.')], two: [text('A better plan.')] },
    steps: [{ open: PLAN }, { say: 'Plan. CUE_one' }, { until: EXIT }, { press: ['Escape'] }, { pause: 800 }, { say: 'Better. CUE_two' }, { close: true }],
    expect: { ...turns(2, { tool_use: 1, end_turn: 1 }), tools: { ExitPlanMode: 1 }, toolFailures: 1, modes: { plan: 2 } },
  },
  {
    name: 'plan-entered-by-model',
    about: 'plan mode that the model begins',
    script: { one: [calls(tool('EnterPlanMode')), text('A plan.')] },
    steps: [{ open: [] }, { say: 'Plan. CUE_one', answers: 2 }, { close: true }],
    expect: { ...turns(2, { tool_use: 1, end_turn: 1 }), tools: { EnterPlanMode: 1 }, modes: { plan: 1 } },
  },
  {
    name: 'plan-entry-refused',
    about: 'plan mode that the model wants, and the user does not',
    options: { settings: { permissions: { ask: ['EnterPlanMode'] } } },
    script: { one: [calls(tool('EnterPlanMode')), text('Done.')], two: [text('Done.')] },
    steps: [{ open: [] }, { say: 'Plan. CUE_one' }, { until: /plan mode\?/i }, { press: ['Escape'] }, { pause: 800 }, { say: 'Do it. CUE_two' }, { close: true }],
    expect: { ...turns(2, { tool_use: 1, end_turn: 1 }), tools: { EnterPlanMode: 1 }, toolFailures: 1 },
  },
  {
    name: 'plan-with-agent',
    about: 'a sub-agent in plan mode counts no mode',
    script: { one: [calls(tool('Agent', { description: 'Look', prompt: 'Look. CUE_child', subagent_type: 'Explore', run_in_background: false })), text('A plan.')], child: [text('I looked.')] },
    steps: [{ run: 'Plan. CUE_one', flags: PLAN }],
    expect: { turns: 3, sessions: 1, types: { orchestrator: 2, explore: 1 }, subagents: 1, contexts: 2, tools: { Agent: 1 }, stops: { tool_use: 1, end_turn: 2 }, modes: { plan: 2 } },
  },
  {
    name: 'mode-keyboard',
    about: 'the mode acceptEdits by the keyboard, which the wire does not show',
    script: { one: [text('Hello.')], two: [text('Done.')] },
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { press: ['BTab'], until: /accept edits on/ }, { say: 'Go on. CUE_two' }, { close: true }],
    expect: turns(2, { end_turn: 2 }),
  },
  ...['default', 'acceptEdits', 'bypassPermissions', 'dontAsk', 'auto'].map((mode) => ({
    name: `mode-${mode.toLowerCase()}`,
    about: `the mode ${mode}, which the wire does not show`,
    options: mode === 'auto' ? { settings: { permissions: { disableAutoMode: undefined } } } : {},
    script: { one: [calls(bash), text('Done.')] },
    steps: [{ run: 'Say one. CUE_one', flags: ['--permission-mode', mode, '--allowedTools', 'Bash'] }],
    expect: { ...turns(2, { tool_use: 1, end_turn: 1 }), tools: { Bash: 1 } },
  })),
];
