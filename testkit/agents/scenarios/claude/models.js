'use strict';

const { attempts, calls, http, text, tool } = require('../answers');

const ANY = ['--dangerously-skip-permissions'];

/** One call with this model. */
function withModel(model, about) {
  return {
    name: `model-${model.replace('claude-', '')}`,
    about,
    script: { one: [calls(tool('Bash', { command: 'echo hello', description: 'Say hello' })), text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: [...ANY, '--model', model] }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, tools: { Bash: 1 }, stops: { tool_use: 1, end_turn: 1 }, contexts: 2 },
  };
}

module.exports = [
  withModel('claude-haiku-4-5', 'a model without system messages in a conversation'),
  withModel('claude-sonnet-4-6', 'another one'),
  withModel('claude-sonnet-5', 'a model with system messages in a conversation'),
  withModel('claude-fable-5', 'another one'),
  {
    name: 'model-switch',
    about: 'a session goes on with another model',
    script: { one: [text('Hello.')], two: [text('Hello again.')] },
    steps: [{ run: 'Say hello. CUE_one' }, { run: 'Again. CUE_two', flags: ['--continue', '--model', 'claude-haiku-4-5'] }],
    expect: { turns: 2, sessions: 1, types: { orchestrator: 2 }, stops: { end_turn: 2 }, contexts: 2 },
  },
  {
    name: 'model-fallback',
    about: 'an overloaded model is replaced by another one',
    script: { one: [attempts(http(529, 'overloaded_error'), http(529, 'overloaded_error'), http(529, 'overloaded_error'), text('Hello.'))] },
    steps: [{ run: 'Say hello. CUE_one', flags: ['--fallback-model', 'claude-haiku-4-5'] }],
    expect: { turns: 4, sessions: 1, types: { orchestrator: 4 }, errors: { overloaded_error: 3 }, stops: { end_turn: 1 }, contexts: 1 },
  },
];
