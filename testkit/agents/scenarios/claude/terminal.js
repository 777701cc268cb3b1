'use strict';

const { calls, text, tool } = require('../answers');
const { before } = require('../versions');

const two = { one: [text('Hello.')], two: [text('Hello again.')] };
const turns = (count) => ({ turns: count, sessions: 1, types: { orchestrator: count }, contexts: count, stops: { end_turn: count } });

module.exports = [
  {
    name: 'terminal-text',
    about: 'two messages in a terminal; a request for a title is no turn',
    script: two,
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { close: true }],
    expect: turns(2),
  },
  {
    name: 'terminal-haiku',
    about: 'the same with another model',
    script: two,
    steps: [{ open: ['--model', 'claude-haiku-4-5'] }, { say: 'Say hello. CUE_one' }, { say: 'Again. CUE_two' }, { close: true }],
    expect: turns(2),
  },
  {
    name: 'terminal-clear',
    about: 'the conversation is cleared: a new session',
    script: two,
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: '/clear', answers: 0 }, { pause: 1000 }, { say: 'Again. CUE_two' }, { close: true }],
    expect: { ...turns(2), sessions: 2 },
  },
  {
    name: 'terminal-model-switch',
    about: 'the model is changed by a command',
    script: two,
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: '/model claude-haiku-4-5', answers: 0 }, { until: /Switch model|Set model/ }, { press: ['Enter'] }, { until: /Set model/ }, { pause: 500 }, { say: 'Again. CUE_two' }, { close: true }],
    expect: turns(2),
  },
  {
    name: 'terminal-interrupt',
    about: 'the user interrupts an answer, and goes on',
    script: { one: [text('A long answer, which goes on and on and on and on and on and on.', { slowMs: 500 })], two: [text('Hello again.')] },
    steps: [{ open: [] }, { say: 'Say much. CUE_one' }, { press: ['Escape'] }, { pause: 1500 }, { say: 'Stop. CUE_two' }, { close: true }],
    expect: turns(2),
  },
  {
    name: 'terminal-shell',
    about: "a command of the user's own, which the model did not call",
    script: two,
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: '!echo mine' }, { say: 'Again. CUE_two' }, { close: true }],
    // The model answers the command's output, too.
    expect: turns(3),
    differs: [{
      when: before('2.1.197'),
      why: 'the model gets the output with the next message',
      steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: '!echo mine', answers: 0 }, { pause: 1500 }, { say: 'Again. CUE_two' }, { close: true }],
      expect: turns(2),
    }],
  },
  {
    name: 'terminal-skill',
    about: 'a skill in a terminal',
    options: { skills: [{ name: 'zebra', text: 'How to keep a zebra.' }] },
    script: two,
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: '/zebra CUE_two' }, { close: true }],
    expect: { ...turns(2), skills: { custom: 1 } },
  },
  {
    name: 'terminal-skill-first',
    about: 'a skill as the first message in a terminal',
    options: { skills: [{ name: 'zebra', text: 'How to keep a zebra.' }] },
    script: two,
    steps: [{ open: [] }, { say: '/zebra CUE_one' }, { close: true }],
    expect: { ...turns(1), skills: { custom: 1 } },
  },
  {
    name: 'terminal-permission',
    about: 'a call that the user allows',
    script: { one: [calls(tool('Write', { file_path: 'new.txt', content: 'a line' })), text('Done.')] },
    steps: [{ open: [] }, { say: 'Write. CUE_one' }, { until: /Do you want to/ }, { press: ['Enter'], answers: 1 }, { close: true }],
    expect: { ...turns(2), stops: { tool_use: 1, end_turn: 1 }, tools: { Write: 1 }, files: 1 },
  },
  {
    name: 'terminal-permission-refused',
    about: 'a call that the user refuses',
    script: { one: [calls(tool('Write', { file_path: 'new.txt', content: 'a line' })), text('Done.')], two: [text('Well.')] },
    steps: [{ open: [] }, { say: 'Write. CUE_one' }, { until: /Do you want to/ }, { press: ['Escape'] }, { pause: 800 }, { say: 'No. CUE_two' }, { close: true }],
    expect: { ...turns(2), stops: { tool_use: 1, end_turn: 1 }, tools: { Write: 1 }, files: 1, toolFailures: 1 },
  },
  {
    name: 'terminal-context',
    about: 'the client counts tokens, which is no turn',
    script: two,
    steps: [{ open: [] }, { say: 'Say hello. CUE_one' }, { say: '/context', answers: 0 }, { pause: 2500 }, { close: true }],
    expect: turns(1),
  },
];
