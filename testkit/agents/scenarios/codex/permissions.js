'use strict';

const { calls, text, tool } = require('../answers');

const escalated = tool('exec_command', { cmd: 'echo hello', sandbox_permissions: 'require_escalated', justification: 'To say hello' });
const echo = tool('exec_command', { cmd: 'echo hello' });

/** One command without a terminal: `exec` says the policy `never` whatever is configured. */
function headless(name, about, flags, mode = 'never') {
  return {
    name,
    about,
    script: { one: [calls(echo), text('Done.')] },
    steps: [{ run: 'Say hello. CUE_one', flags }],
    expect: { turns: 2, sessions: 1, types: { default: 2 }, tools: { exec_command: 1 }, stops: { completed: 2 }, modes: { [mode]: 2 }, contexts: 2 },
  };
}

/** One message in a terminal, with this policy. */
function terminal(name, about, flags, mode) {
  return {
    name,
    about,
    script: { one: [text('Hello.')] },
    steps: [{ open: flags }, { say: 'Say hello. CUE_one' }, { close: true }],
    expect: { turns: 1, sessions: 1, types: { default: 1 }, stops: { completed: 1 }, modes: { [mode]: 1 }, contexts: 1 },
  };
}

module.exports = [
  headless('sandbox-read-only', 'a sandbox that only reads', ['-s', 'read-only']),
  headless('sandbox-workspace-write', 'a sandbox that writes in the project', ['-s', 'workspace-write']),
  headless('sandbox-none', 'no sandbox', ['-s', 'danger-full-access'], 'full-access'),
  headless('sandbox-bypass', 'neither sandbox nor questions', ['--dangerously-bypass-approvals-and-sandbox'], 'full-access'),
  headless('approval-on-request', 'exec does not ask, although it is configured', ['-c', 'approval_policy="on-request"']),
  terminal('terminal-on-request', 'the policy on-request', ['-a', 'on-request'], 'on-request'),
  terminal('terminal-never', 'the policy never', ['-a', 'never'], 'never'),
  terminal('terminal-full-access', 'no sandbox, but questions', ['-s', 'danger-full-access', '-a', 'on-request'], 'on-request'),
  {
    name: 'terminal-approved',
    about: 'a command that the user allows outside of the sandbox',
    script: { one: [calls(escalated), text('Done.')] },
    steps: [{ open: ['-a', 'on-request'] }, { say: 'Say hello. CUE_one' }, { until: /Would you like to run/ }, { press: ['Enter'], answers: 1 }, { close: true }],
    expect: { turns: 2, sessions: 1, types: { default: 2 }, tools: { exec_command: 1 }, stops: { completed: 2 }, modes: { 'on-request': 2 }, contexts: 2 },
  },
  {
    name: 'guardian',
    about: 'a command outside of the sandbox that another model reviews; the review is no turn',
    script: { one: [calls(escalated), text('Done.')] },
    steps: [{ open: ['-a', 'on-request', '-c', 'approvals_reviewer="auto_review"'] }, { say: 'Say hello. CUE_one', answers: 3 }, { close: true }],
    expect: { turns: 2, sessions: 1, types: { default: 2 }, tools: { exec_command: 1 }, stops: { completed: 2 }, modes: { 'auto-review': 2 }, contexts: 2 },
  },
];
