'use strict';

const { read } = require('../reference/catalog');

/** Texts of people and models: plain, in other scripts, with all characters that JSON escapes, and with halves of emoji. */
const TEXTS = [
  'update the checkout handler', 'why does this test fail?', '請幫我修正這個錯誤', 'ビルドが失敗します',
  'a "quoted" word, a \\ and a / in it', 'two\nlines and\ta tab\r\n', 'nul \u0000 and bell \u0007', '</script> & <b>tags</b>',
  'done 🎉 at last', 'half an emoji \ud83d', '\ude00 the other half',
  'the words message_stop and "type":"tool_use" in a text', 'Plan mode, explained', ' ', 'x',
];

const CLAUDE_MODELS = [
  ['claude-opus-5', 20], ['claude-opus-5[1m]', 4], ['claude-sonnet-5', 15], ['claude-sonnet-4-6', 15], ['anthropic/claude-sonnet-4-6', 4], ['claude-opus-4-8', 8],
  ['anthropic/claude-opus-4.6', 1], ['claude-opus-4.6', 1], ['claude-4.6-opus-20260205', 1], ['Claude-Opus-5', 2], ['models/claude-opus-5', 1],
  ['publishers/anthropic/models/claude-sonnet-4@20250514', 3], ['claude-opus-4.9', 1], ['openrouter/anthropic/claude-sonnet-4.5:beta', 1],
  ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 4], ['claude-haiku-4-5-20251001', 4], ['claude-opus-4-20250514', 3],
  ['claude-opus-4-9', 2], ['acme-gateway-coder-7b', 2], [null, 1], ['', 1],
];
const CODEX_MODELS = [['gpt-5.5', 20], ['gpt-5.6-sol', 15], ['gpt-5.5-second', 3], ['openai/gpt-5', 2], ['gpt-6', 4], ['gpt-6-sol', 4], ['GPT-5.5', 1],
  ['gpt-50', 1], ['acme-tuned-7b', 4], [null, 1]];
const GROK_MODELS = [['grok-4.5-build', 20], ['grok-4-0709', 4], ['grok-4-2-acme', 4], ['xai/grok-build', 2], ['x-ai/grok-4.3', 2]];

/** All tools of the catalogs by their role. There are more plain tools than a metric may name. */
const TOOLS = {
  claude: byRole('anthropic-tools'),
  codex: byRole('codex-tools'),
  grok: byRole('grok-tools'),
};
const UNKNOWN_TOOLS = ['AcmeDeploy', 'acme_deploy', 'lookup_order', 'bash_', 'Write2', '部署'];

const SERVERS = ['github', 'slack', 'claude-in-chrome', 'acme_billing', 'codex_apps', 'linear', 'a'];
const MCP_TOOLS = ['get_me', 'create__issue', '_private', 'search', 'x'];
/** Names that look like those of MCP tools but do not name one. */
const ODD_MCP_NAMES = ['mcp__', 'mcp__standalone', 'mcp__github__', 'mcp____x', 'mcp___'];

const SKILLS = ['pdf', 'code-review', 'release', 'superpowers:brainstorming', 'acme-incident-review'];
const BUILT_IN = ['clear', 'help', 'init', 'permissions', 'status'];

/** The example commands of the catalog: dangerous ones, and ones that only look dangerous. */
const COMMANDS = read('dangerous-patterns').examples.map(({ input }) => (Array.isArray(input) ? input.join('') : input));
const HARMLESS = ['npm test', 'git status --short', 'rg -n "TODO" src', 'ls -la', 'cargo check', 'echo 建置完成', 'printf "a\\tb"'];

function byRole(file) {
  const roles = {};
  for (const { exact, is = 'plain' } of read(file).patterns) (roles[is] ??= []).push(exact);
  return roles;
}

module.exports = {
  TEXTS, CLAUDE_MODELS, CODEX_MODELS, GROK_MODELS, TOOLS, UNKNOWN_TOOLS, SERVERS, MCP_TOOLS, ODD_MCP_NAMES, SKILLS, BUILT_IN, COMMANDS,
  HARMLESS,
};
