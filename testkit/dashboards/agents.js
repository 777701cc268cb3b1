'use strict';

/** What each agent does, by the names that are sent at tier 1. Prices are invented: US dollars for a million tokens. */
const AGENTS = {
  claude: {
    provider: 'anthropic',
    models: [['claude-sonnet-5', 6, { input: 3, output: 15 }], ['claude-opus-5', 3, { input: 5, output: 25 }]],
    tools: [['Read', 30], ['Edit', 22], ['Bash', 26], ['Grep', 12], ['Task', 3], ['WebFetch', 3], ['custom', 4]],
    agentTypes: [['orchestrator', 16], ['explore', 3], ['general-purpose', 2], ['custom', 1]],
    skills: ['pdf', 'code-review', 'custom'],
    mcp: [['github', 'custom'], ['linear', 'custom'], ['custom', 'custom']],
    modes: [['plan', 1]],
    stops: [['tool_use', 12], ['end_turn', 6], ['stop_sequence', 1]],
    overload: 'overloaded_error',
    rateLimit: 'rate_limit_error',
    quotas: [['5h', 0.62], ['7d', 0.7]],
  },
  codex: {
    provider: 'openai',
    models: [['gpt-6-sol', 5, { input: 2, output: 12 }], ['gpt-6-luna', 2, { input: 0.5, output: 3 }]],
    tools: [['exec_command', 40], ['apply_patch', 20], ['update_plan', 8], ['view_image', 1], ['custom', 3]],
    agentTypes: [['default', 14], ['worker', 2], ['explorer', 1]],
    skills: ['custom'],
    mcp: [['sentry', 'custom'], ['custom', 'custom']],
    modes: [['on-request', 8], ['never', 3]],
    stops: [['completed', 15], ['incomplete', 1]],
    overload: 'server_is_overloaded',
    rateLimit: 'usage_limit_reached',
    quotas: [['5h', 0.55], ['7d', 0.5]],
  },
  grok: {
    provider: 'xai',
    models: [['grok-4', 5, { input: 3, output: 15 }], ['other', 1, { input: 2, output: 8 }]],
    tools: [['read_file', 10], ['search_replace', 8], ['run_terminal_command', 9], ['custom', 2]],
    agentTypes: [['unknown', 1]],
    skills: ['custom'],
    mcp: [['custom', 'custom']],
    modes: [['plan', 1]],
    stops: [['completed', 9], ['stop', 2]],
    overload: 'http_503',
    rateLimit: 'http_429',
    quotas: [],
  },
};

const DANGERS = ['recursive_delete', 'force_push', 'hard_reset', 'pipe_to_shell', 'privilege_escalation', 'database_drop'];

module.exports = { AGENTS, DANGERS };
