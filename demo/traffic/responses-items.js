'use strict';

const { COMMANDS } = require('./lexicon');
const { prose } = require('./text');

/**
 * The output items of one response on the Responses wire: reasoning, the tool calls, and a message.
 * @param {import('./random').Random} random
 * @param {string[]} kinds the kinds of its calls, see `CALLS`; any other name is a plain function
 * @returns {object[]}
 */
function outputItems(random, kinds) {
  return [
    { id: `rs_${random.hex(12)}`, type: 'reasoning', summary: [{ type: 'summary_text', text: prose(random, 12) }] },
    ...kinds.map((kind) => (CALLS[kind] ?? plainFunction(kind))(random)),
    { id: `msg_${random.hex(12)}`, type: 'message', role: 'assistant', content: [{ type: 'output_text', text: prose(random, random.int(6, 50)) }] },
  ];
}

/**
 * The fields of an entry that ccxray derives from these items. Names are replaced by aliases, and only function calls and
 * custom calls are included.
 * @returns {{toolCalls: object, turnToolCallIds: object}}
 */
function callFields(items) {
  const toolCalls = {};
  const turnToolCallIds = {};
  for (const { type, name, call_id } of items) {
    if (type === 'function_call') {
      const alias = COUNT_ALIASES[name] ?? name;
      toolCalls[alias] = (toolCalls[alias] ?? 0) + 1;
    }
    if (type === 'function_call' || type === 'custom_tool_call') turnToolCallIds[call_id] = ID_ALIASES[name] ?? name;
  }
  return { toolCalls, turnToolCallIds };
}

function functionCall(random, name, args, namespace) {
  return {
    id: `fc_${random.hex(12)}`,
    type: 'function_call',
    call_id: `call_${random.hex(12)}`,
    ...(namespace && { namespace }),
    name,
    arguments: JSON.stringify(args),
  };
}

function plainFunction(name) {
  return (random) => functionCall(random, name, { note: prose(random, 3) });
}

function patch(random) {
  const files = random.weighted([[1, 70], [2, 20], [4, 10]]);
  const changes = Array.from({ length: files }, (_, i) => {
    const verb = random.weighted([['Update', 80], ['Add', 15], ['Delete', 5]]);
    const header = `*** ${verb} File: src/part${i}.js\n`;
    return verb === 'Delete' ? header : `${header}@@\n-old\n+${prose(random, 6)}\n`;
  });
  return {
    id: `ctc_${random.hex(12)}`,
    type: 'custom_tool_call',
    call_id: `call_${random.hex(12)}`,
    name: 'apply_patch',
    input: `*** Begin Patch\n${changes.join('')}*** End Patch\n`,
  };
}

/** Calls with another form than a plain function, as the clients send them. */
const CALLS = {
  exec_command: (random) => functionCall(random, 'exec_command', { cmd: random.weighted(COMMANDS) }),
  run_terminal_command: (random) => functionCall(random, 'run_terminal_command', { command: random.weighted(COMMANDS) }),
  apply_patch: patch,
  local_shell: (random) => ({
    id: `ls_${random.hex(12)}`,
    type: 'local_shell_call',
    call_id: `call_${random.hex(12)}`,
    action: { type: 'exec', command: ['bash', '-lc', random.weighted(COMMANDS)] },
  }),
  web_search: (random) => ({ id: `ws_${random.hex(12)}`, type: 'web_search_call', action: { type: 'search', query: prose(random, 3) } }),
  mcp_call: (random) => ({ id: `mcp_${random.hex(12)}`, type: 'mcp_call', server_label: 'github', name: 'create_issue', arguments: '{}' }),
  // Some versions of the client write a separator at the end of a namespace.
  namespaced_mcp: (random) => functionCall(random, 'get_me', {}, random.pick(['mcp__github', 'mcp__github__', 'mcp__acme_billing'])),
  flat_mcp: (random) => functionCall(random, 'mcp__slack__send_message', { text: prose(random, 4) }),
  spawn_agent: (random) => functionCall(random, 'spawn_agent', { task: prose(random, 6) }, 'collaboration'),
};

const COUNT_ALIASES = { exec_command: 'Bash', shell: 'Bash', read_mcp_resource: 'Read', apply_patch: 'Edit' };
const ID_ALIASES = { ...COUNT_ALIASES, exec: 'Bash', run_terminal_command: 'Bash', process: 'Bash' };

module.exports = { outputItems, callFields };
