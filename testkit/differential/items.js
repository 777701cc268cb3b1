'use strict';

const { jsonOf, patchText, shellCommand } = require('./commands');
const { programText } = require('./programs');
const { MCP_TOOLS, ODD_MCP_NAMES, SERVERS, TEXTS, TOOLS, UNKNOWN_TOOLS } = require('./lexicon');

/**
 * The finished output items of a response on the Responses wire.
 * @param {import('../traffic/random').Random} random
 * @param {'codex'|'grok'} agent
 * @param {number} calls how many calls
 * @returns {object[]}
 */
function outputItems(random, agent, calls) {
  const items = [];
  const text = random.pick(TEXTS);
  if (random.chance(0.5)) items.push({ id: `rs_${random.hex(12)}`, type: 'reasoning', summary: [{ type: 'summary_text', text }] });
  for (let left = calls; left > 0; left -= 1) items.push(random.weighted(CALLS[agent])(random));
  if (random.chance(0.02)) items.push({ id: `an_${random.hex(12)}`, type: random.pick(['acme_note', 'hologram']) });
  const content = [{ type: 'output_text', text }];
  if (random.chance(0.6)) items.push({ id: `msg_${random.hex(12)}`, type: 'message', role: 'assistant', content });
  return items;
}

function functionCall(random, name, args, fields = {}) {
  const json = random.chance(0.01) ? args : jsonOf(random, args);
  return { id: `fc_${random.hex(12)}`, type: 'function_call', call_id: `call_${random.hex(12)}`, name, arguments: json, ...fields };
}

function customCall(random, name, input) {
  return { id: `ctc_${random.hex(12)}`, type: 'custom_tool_call', call_id: `call_${random.hex(12)}`, name, input };
}

/** Calls with a type and without a name. Some have no call id. */
function typedCall(random, type, fields) {
  const ids = random.chance(0.7) ? { id: `xc_${random.hex(12)}`, call_id: `call_${random.hex(12)}` } : { id: `xc_${random.hex(12)}` };
  return { ...ids, type, ...fields };
}

/** A call of one of these functions. */
function anyOf(names, fields) {
  return (random) => functionCall(random, random.pick(names), { note: random.pick(TEXTS) }, fields);
}

const shells = {
  exec_command: (random) => functionCall(random, 'exec_command', { cmd: shellCommand(random), workdir: '/home/dev/shop' }),
  shell: (random) => functionCall(random, random.pick(['shell', 'container.exec']), { command: ['bash', '-lc', shellCommand(random)] }),
  split: (random) => functionCall(random, 'shell', { command: shellCommand(random).split(' ') }),
  shell_command: (random) => functionCall(random, 'shell_command', { command: shellCommand(random) }),
  exec: (random) => customCall(random, 'exec', shellCommand(random)),
  local: (random) => typedCall(random, 'local_shell_call', { action: { type: 'exec', command: ['bash', '-lc', shellCommand(random)] } }),
  hosted: (random) => typedCall(random, 'shell_call', { action: { commands: [shellCommand(random), shellCommand(random)] } }),
  terminal: (random) => functionCall(random, random.pick(['run_terminal_command', 'bash', 'monitor']), { command: shellCommand(random) }),
};

const mcp = {
  flat: (random) => functionCall(random, `mcp__${random.pick(SERVERS)}__${random.pick(MCP_TOOLS)}`, {}),
  odd: anyOf(ODD_MCP_NAMES),
  namespace: (random) => anyOf(MCP_TOOLS, { namespace: `mcp__${random.pick(SERVERS)}${random.pick(['', '__'])}` })(random),
  nested: anyOf(['send'], { namespace: 'mcp__codex_apps__gmail' }),
  hosted: (random) => typedCall(random, 'mcp_call', { server_label: random.pick(SERVERS), name: random.pick(MCP_TOOLS), arguments: '{}' }),
  grok: (random) => functionCall(random, `${random.pick(SERVERS)}__${random.pick(MCP_TOOLS)}`, {}),
  gate: (random) => functionCall(random, 'use_tool', { tool_name: `${random.pick(SERVERS)}__${random.pick(MCP_TOOLS)}`, tool_input: {} }),
  program: (random) => customCall(random, 'exec', programText(random)),
};

const patches = {
  custom: (random) => customCall(random, 'apply_patch', patchText(random)),
  function: (random) => functionCall(random, 'apply_patch', { input: patchText(random) }),
  operation: (random) => typedCall(random, 'apply_patch_call', { operation: { type: 'update_file', path: 'src/a.js', diff: '@@' } }),
  empty: (random) => customCall(random, 'apply_patch', 'see above'),
};

const odd = {
  tool: anyOf(UNKNOWN_TOOLS),
  kind: (random) => typedCall(random, 'acme_call', { name: 'deploy', action: { command: ['rm', '-rf', '/'] } }),
  half: (random) => functionCall(random, 'exec_command', {}, { arguments: '{"cmd":"rm -rf bui' }),
  halfFile: (random) => functionCall(random, 'write', {}, { arguments: '{"path":"src/a' }),
};

const HOSTED = [
  'web_search_call', 'file_search_call', 'image_generation_call', 'tool_search_call', 'code_interpreter_call', 'computer_call',
];
const hosted = (random) => typedCall(random, random.pick(HOSTED), {});

/** Tools of the server that have a name of their own, some with an empty call id. */
const SERVER_TOOLS = [
  { type: 'x_search_call', name: 'x_semantic_search', arguments: '{"query":"q"}' },
  { type: 'x_search_call', name: 'x_new_search' },
  { type: 'code_interpreter_call', name: 'code_execution', arguments: '{"code":"1"}' },
  { type: 'custom_tool_call', name: 'x_keyword_search', input: '{"query":"q"}' },
  { type: 'multi_agent_call', action: 'spawn_agent', arguments: '{"task_name":"look"}' },
  { type: 'multi_agent_call', action: 'ponder' },
];
const served = (random) => ({ id: `xs_${random.hex(12)}`, call_id: random.chance(0.5) ? '' : `call_${random.hex(12)}`, ...random.pick(SERVER_TOOLS) });

/** Kinds of calls, and the weight with which each is drawn. */
const CALLS = {
  codex: [
    [anyOf(TOOLS.codex.plain), 25], [anyOf(TOOLS.codex.agent, { namespace: 'collaboration' }), 2], [hosted, 4],
    [shells.exec_command, 18], [shells.shell, 4], [shells.split, 2], [shells.shell_command, 4], [shells.exec, 1], [shells.local, 4],
    [shells.hosted, 1], [mcp.program, 8], [served, 2],
    [patches.custom, 10], [patches.function, 3], [patches.operation, 1], [patches.empty, 1],
    [mcp.flat, 3], [mcp.odd, 1], [mcp.namespace, 4], [mcp.nested, 2], [mcp.hosted, 3],
    [odd.tool, 1.5], [odd.kind, 0.4], [odd.half, 0.4],
  ],
  grok: [
    [anyOf(TOOLS.grok.plain), 25], [anyOf(TOOLS.grok.agent, { namespace: 'collaboration' }), 2], [hosted, 1], [shells.terminal, 20],
    [anyOf(['write', 'search_replace', 'edit', 'hashline_edit']), 8], [anyOf(['enter_plan_mode', 'exit_plan_mode']), 4],
    [mcp.grok, 5], [mcp.gate, 3], [served, 3], [mcp.flat, 1], [mcp.odd, 1], [odd.tool, 1.5], [odd.kind, 0.4], [odd.halfFile, 0.6],
  ],
};

module.exports = { outputItems };
