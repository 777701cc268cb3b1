'use strict';

const { patchText, shellCommand } = require('./commands');
const { BUILT_IN, MCP_TOOLS, ODD_MCP_NAMES, SERVERS, SKILLS, TEXTS, TOOLS, UNKNOWN_TOOLS } = require('./lexicon');

/**
 * The complete content blocks of a response on the Anthropic wire: thinking, text, calls of every kind.
 * @param {import('../traffic/random').Random} random
 * @param {number} calls the most calls
 * @returns {object[]}
 */
function contentBlocks(random, calls) {
  const blocks = [];
  if (random.chance(0.4)) blocks.push({ type: 'thinking', thinking: random.pick(TEXTS), signature: 'EqQBsynthetic' });
  if (random.chance(0.03)) blocks.push({ type: 'redacted_thinking', data: 'EqQBsynthetic' });
  if (random.chance(0.7)) blocks.push({ type: 'text', text: random.pick(TEXTS) });
  for (let left = calls; left > 0; left -= 1) blocks.push(...random.weighted(CALLS)(random));
  if (random.chance(0.02)) blocks.push({ type: random.pick(['acme_note', 'hologram']), text: 'x' });
  return blocks;
}

function use(random, name, input, fields = {}) {
  return { type: 'tool_use', id: `toolu_01${random.hex(16)}`, name, input, ...fields };
}

function plain(random) {
  return [use(random, random.pick(TOOLS.claude.plain), { note: random.pick(TEXTS) })];
}

function shell(random) {
  const key = random.chance(0.02) ? 'script' : 'command';
  return [use(random, random.pick(TOOLS.claude.shell), { [key]: shellCommand(random), description: random.pick(TEXTS) })];
}

/** A response may repeat a call with the same id. */
function repeated(random) {
  const [block] = shell(random);
  return [block, { ...block }];
}

function fileWrite(random) {
  return [use(random, random.pick(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']), { file_path: 'src/a.js', content: random.pick(TEXTS) })];
}

function mcp(random) {
  return [use(random, `mcp__${random.pick(SERVERS)}__${random.pick(MCP_TOOLS)}`, { query: random.pick(TEXTS) })];
}

function hostedMcp(random) {
  const fields = { type: 'mcp_tool_use', id: `mcptoolu_01${random.hex(16)}`, server_name: random.pick(SERVERS) };
  return [use(random, random.pick(MCP_TOOLS), {}, fields)];
}

/** A tool that the upstream runs. Its result is in the same response. */
function serverTool(random) {
  const id = `srvtoolu_01${random.hex(16)}`;
  const name = random.pick(['web_search', 'web_fetch', 'code_execution', 'acme_server_tool']);
  const call = { type: 'server_tool_use', id, name, input: { query: 'carts' } };
  return [call, { type: 'web_search_tool_result', tool_use_id: id, content: [] }];
}

function skill(random) {
  const name = random.weighted([[random.pick(SKILLS), 20], [`/${random.pick(SKILLS)}`, 3], [random.pick(BUILT_IN), 1]]);
  return [use(random, 'Skill', random.chance(0.03) ? {} : { skill: name, args: '' })];
}

function twiceTheSkill(random) {
  const name = random.pick(SKILLS);
  return [use(random, 'Skill', { skill: name }), use(random, 'Skill', { skill: name })];
}

/** Kinds of calls, and the weight with which each is drawn. */
const CALLS = [
  [plain, 30], [shell, 25], [fileWrite, 10], [mcp, 8], [hostedMcp, 2], [serverTool, 3], [skill, 6], [twiceTheSkill, 1], [repeated, 1],
  [(random) => [use(random, random.pick(TOOLS.claude.agent), { prompt: random.pick(TEXTS), subagent_type: 'explore' })], 3],
  [(random) => [use(random, random.pick(['EnterPlanMode', 'ExitPlanMode']), { plan: random.pick(TEXTS) })], 3],
  [(random) => [use(random, random.pick(UNKNOWN_TOOLS), {})], 2],
  [(random) => [use(random, random.pick(ODD_MCP_NAMES), {})], 1],
  [(random) => [use(random, 'apply_patch', { input: patchText(random) })], 1],
  [(random) => [use(random, 'Bash', { command: shellCommand(random) }, { type: 'acme_tool_use' })], 0.4],
  [(random) => [use(random, 'search', {}, { id: undefined })], 0.5],
];

module.exports = { contentBlocks };
