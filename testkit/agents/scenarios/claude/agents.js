'use strict';

const { calls, text, tool } = require('../answers');
const { before } = require('../versions');

const ANY = ['--dangerously-skip-permissions'];
const agent = (type, more) => tool('Agent', { description: 'Look', prompt: 'Look around. CUE_child', ...(type && { subagent_type: type }), run_in_background: false, ...more });

/** An agent type that no catalog contains marks its turn. */
const PRIVATE = { degraded: 1, fallbacks: { 'agent_type/unknown_value': 1 } };

/** An older version does not say who makes a request, and an agent of the main session can have any name. */
const SILENT = { when: before('2.1.197'), why: 'it does not say that this is the main agent, so a private type is taken for a sub-agent', expect: { subagents: 1, contexts: 0 } };

/** One sub-agent of this type, which answers at once. */
function builtIn(type, counted) {
  return {
    name: `agent-${type.toLowerCase()}`,
    about: `a sub-agent of the type ${type}`,
    script: { one: [calls(agent(type)), text('Done.')], child: [text('I looked.')] },
    steps: [{ run: 'Let an agent look. CUE_one', flags: ANY }],
    expect: { turns: 3, sessions: 1, types: { orchestrator: 2, [counted]: 1 }, subagents: 1, tools: { Agent: 1 }, stops: { tool_use: 1, end_turn: 2 }, contexts: 2 },
  };
}

module.exports = [
  builtIn('general-purpose', 'general-purpose'),
  builtIn('Explore', 'explore'),
  builtIn('Plan', 'plan'),
  {
    ...builtIn('claude', 'agent'),
    differs: [{ when: before('2.1.197'), why: 'it has no such agent, so the call fails', expect: { turns: 2, types: { orchestrator: 2 }, subagents: 0, toolFailures: 1, stops: { tool_use: 1, end_turn: 1 } } }],
  },
  // The host makes this name of the agent's system prompt.
  builtIn('statusline-setup', 'status-line-setup-agent'),
  {
    name: 'agent-private',
    about: 'a sub-agent of a type that the project defines',
    options: { agents: [{ name: 'zebra', text: 'You are a zebra keeper for this project.' }] },
    script: { one: [calls(agent('zebra')), text('Done.')], child: [text('I looked.')] },
    steps: [{ run: 'Let an agent look. CUE_one', flags: ANY }],
    expect: { turns: 3, sessions: 1, types: { orchestrator: 2, custom: 1 }, ...PRIVATE, subagents: 1, tools: { Agent: 1 }, stops: { tool_use: 1, end_turn: 2 }, contexts: 2 },
  },
  {
    name: 'agent-with-calls',
    about: 'a sub-agent that makes a call',
    script: { one: [calls(agent('general-purpose')), text('Done.')], child: [calls(tool('Bash', { command: 'echo child', description: 'Say' })), text('I looked.')] },
    steps: [{ run: 'Let an agent look. CUE_one', flags: ANY }],
    expect: { turns: 4, sessions: 1, types: { orchestrator: 2, 'general-purpose': 2 }, subagents: 2, tools: { Agent: 1, Bash: 1 }, stops: { tool_use: 2, end_turn: 2 }, contexts: 2 },
  },
  {
    name: 'agents-side-by-side',
    about: 'two sub-agents in one answer',
    script: { one: [calls(agent('general-purpose'), agent('Explore', { prompt: 'Explore. CUE_second' })), text('Done.')], child: [text('I looked.')], second: [text('I explored.')] },
    steps: [{ run: 'Let two agents look. CUE_one', flags: ANY }],
    expect: { turns: 4, sessions: 1, types: { orchestrator: 2, 'general-purpose': 1, explore: 1 }, subagents: 2, tools: { Agent: 2 }, stops: { tool_use: 1, end_turn: 3 }, contexts: 2 },
  },
  {
    name: 'agent-of-haiku',
    about: 'a sub-agent with another model',
    script: { one: [calls(agent('general-purpose', { model: 'haiku' })), text('Done.')], child: [text('I looked.')] },
    steps: [{ run: 'Let an agent look. CUE_one', flags: ANY }],
    expect: { turns: 3, sessions: 1, types: { orchestrator: 2, 'general-purpose': 1 }, subagents: 1, tools: { Agent: 1 }, stops: { tool_use: 1, end_turn: 2 }, contexts: 2 },
  },
  {
    name: 'main-agent',
    about: 'a session of an agent that the project defines (--agent)',
    options: { agents: [{ name: 'zebra', text: 'You are a zebra keeper for this project.' }] },
    script: { one: [text('Hello.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: ['--agent', 'zebra'] }],
    expect: { turns: 1, sessions: 1, types: { custom: 1 }, ...PRIVATE, stops: { end_turn: 1 }, contexts: 1 },
    differs: [SILENT],
  },
  {
    name: 'system-prompt',
    about: 'a system prompt of the user (--system-prompt)',
    script: { one: [text('Hello.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: ['--system-prompt', 'You are a zebra keeper for this project.'] }],
    expect: { turns: 1, sessions: 1, types: { custom: 1 }, ...PRIVATE, stops: { end_turn: 1 }, contexts: 1 },
    differs: [SILENT],
  },
  {
    name: 'appended-prompt',
    about: 'an addition to the system prompt',
    script: { one: [text('Hello.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: ['--append-system-prompt', 'Speak like a zebra.'] }],
    expect: { turns: 1, sessions: 1, types: { orchestrator: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
  {
    name: 'bare',
    about: 'the bare mode',
    script: { one: [text('Hello.')] },
    steps: [{ run: 'Say hello. CUE_one', flags: ['--bare'] }],
    expect: { turns: 1, sessions: 1, types: { agent: 1 }, stops: { end_turn: 1 }, contexts: 1 },
  },
];
