'use strict';

const { calls, text, tool } = require('../answers');
const { before } = require('../versions');

const spawn = tool('spawn_agent', { message: 'Look around. CUE_child', task_name: 'look' }, 'collaboration');
const wait = tool('wait_agent', { timeout_ms: 10_000 }, 'collaboration');
/** What follows if an older version does not know these calls. */
const OTHER_TOOLS = {
  when: before('0.145.0'),
  why: 'it has these tools in another namespace, so the calls fail',
  expect: { turns: 3, types: { default: 3 }, subagents: 0, stops: { completed: 3 }, modes: { never: 3 } },
};

module.exports = [
  {
    name: 'agent-spawned',
    about: 'an agent that the model starts, and waits for',
    script: { one: [calls(spawn), calls(wait), text('Done.')], child: [text('I looked.')] },
    steps: [{ run: 'Let an agent look. CUE_one', flags: ['-m', 'gpt-5.6-sol'] }],
    expect: { turns: 4, sessions: 1, types: { default: 4 }, subagents: 1, tools: { spawn_agent: 1, wait_agent: 1 }, stops: { completed: 4 }, modes: { never: 4 }, contexts: 3 },
    differs: [OTHER_TOOLS],
  },
  {
    name: 'agent-spawned-socket',
    about: 'the same over WebSockets',
    options: { sockets: true },
    script: { one: [calls(spawn), calls(wait), text('Done.')], child: [text('I looked.')] },
    steps: [{ run: 'Let an agent look. CUE_one', flags: ['-m', 'gpt-5.6-sol'] }],
    expect: { turns: 4, sessions: 1, types: { default: 4 }, subagents: 1, tools: { spawn_agent: 1, wait_agent: 1 }, stops: { completed: 4 }, modes: { never: 4 }, contexts: 3 },
    differs: [OTHER_TOOLS],
  },
  {
    name: 'review',
    about: 'a review, which a sub-agent makes',
    script: { review: [text('{"findings":[],"overall_correctness":"patch is correct","overall_explanation":"made up","overall_confidence_score":1}')] },
    steps: [{ program: ['exec', '--skip-git-repo-check', '-m', 'gpt-5.5', 'review', 'Review it. CUE_review'], run: '' }],
    expect: { turns: 1, sessions: 1, types: { default: 1 }, subagents: 1, stops: { completed: 1 }, modes: { never: 1 } },
  },
];
