'use strict';

const { messageBody, streamEvents } = require('../../demo/traffic/anthropic-wire');
const { asFrames, asSocketEvents, responseEvents } = require('../../demo/traffic/responses-wire');

/**
 * One turn for each wire and for each form of tool calls. All things with a name have a name of their own. If the user
 * agreed to names, all of them must arrive.
 * @param {import('./planter').Planter} planter for all other strings
 * @param {(kind: string, where: string) => string} mint
 * @returns {{where: string, entry: object}[]} whole entries
 */
function namedTurns(planter, mint) {
  return Object.entries(WIRES).map(([where, wire]) => {
    const name = (kind) => mint(kind, where);
    const entry = { ...USUAL, ...wire(name, () => planter.text(where)), model: `acme/${name('model')}`, agentKey: `${name('agent')}-captain` };
    return { where, entry: planter.entry(entry, where) };
  });
}

/** By wire: the special fields of its entry. The arguments are a function for names and one for other texts. */
const WIRES = {
  'Anthropic events': (name, text) => ({
    ...ANTHROPIC,
    isSSE: true,
    req: commandRequest(name),
    res: streamEvents({ ...MESSAGE, blocks: blocks(name, text), ending: 'stop' }, FROM_MS, TO_MS),
  }),
  'Anthropic JSON': (name, text) => ({
    ...ANTHROPIC,
    req: commandRequest(name),
    res: messageBody({ ...MESSAGE, blocks: blocks(name, text) }),
  }),
  'Anthropic line': (name) => ({
    ...ANTHROPIC,
    turnToolCalls: { [`acme_${name('tool')}`]: 2, [`mcp__${name('server')}__${name('mcpTool')}`]: 1 },
  }),
  'Responses events': (name, text) => ({ ...CODEX, isSSE: true, res: asFrames(events(name, text), FROM_MS, TO_MS) }),
  'Responses JSON': (name, text) => ({ ...CODEX, res: { id: 'resp_1', object: 'response', status: 'completed', output: items(name, text), usage: USAGE } }),
  'Responses WebSocket': (name, text) => ({
    ...CODEX,
    method: 'GET',
    status: 101,
    responseMetadata: {
      transport: 'websocket', endpoint: '/v1/responses', close: { side: 'client', code: 1000, reason: text() }, error: { message: text() },
    },
    res: asSocketEvents(events(name, text), FROM_MS, TO_MS),
  }),
  'Responses line': (name) => ({ ...CODEX, turnToolCallIds: { call_1: `acme_${name('tool')}`, call_2: `mcp__${name('server')}__${name('mcpTool')}` } }),
  'Grok events': (name, text) => ({
    ...CODEX,
    agent: 'grok',
    isSSE: true,
    res: asFrames(responseEvents({ ...RESPONSE, items: [call(name('tool'), text), call(`${name('server')}__${name('mcpTool')}`, text)] }), FROM_MS, TO_MS),
  }),
};

function blocks(name, text) {
  return [
    { type: 'text', text: text() },
    { type: 'thinking', thinking: text(), signature: text() },
    use(`acme_${name('tool')}`, { query: text() }),
    use(`mcp__${name('server')}__${name('mcpTool')}`, { query: text() }),
    use(name('mcpTool'), { query: text() }, { type: 'mcp_tool_use', server_name: name('server') }),
    use('Skill', { skill: `acme:${name('skill')}`, args: text() }),
    use('Agent', { subagent_type: text(), prompt: text() }),
    use('Bash', { command: `rm -rf ${text()}`, description: text() }),
    use('Write', { file_path: text(), content: text() }),
  ];
}

function use(tool, input, more) {
  return { type: 'tool_use', id: `toolu_${tool}`, name: tool, input, ...more };
}

function items(name, text) {
  return [
    { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: text() }] },
    call(name('tool'), text),
    call(`mcp__${name('server')}__${name('mcpTool')}`, text),
    { ...call(name('mcpTool'), text), namespace: `mcp__${name('server')}__` },
    { id: 'mcp_1', type: 'mcp_call', server_label: name('server'), name: name('mcpTool'), arguments: JSON.stringify({ query: text() }), output: text() },
    { id: 'ctc_1', type: 'custom_tool_call', call_id: 'call_patch', name: 'apply_patch', input: `*** Begin Patch\n*** Add File: ${text()}\n+x\n*** End Patch\n` },
    { id: 'ls_1', type: 'local_shell_call', call_id: 'call_shell', action: { type: 'exec', command: ['bash', '-lc', text()] } },
    { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: text() }] },
  ];
}

function events(name, text) {
  return responseEvents({ ...RESPONSE, items: items(name, text) });
}

function call(name, text) {
  return { id: `fc_${name}`, type: 'function_call', call_id: `call_${name}`, name, arguments: JSON.stringify({ cmd: text(), note: text() }) };
}

/** A skill that the user calls. */
function commandRequest(name) {
  const text = `<command-message>/${name('skill')} is running…</command-message>`;
  return { model: 'claude-sonnet-4-6', max_tokens: 32_000, messages: [{ role: 'user', content: [{ type: 'text', text }] }] };
}

const [FROM_MS, TO_MS] = [1_795_359_727_926, 1_795_359_731_000];
const USAGE = { input_tokens: 11, output_tokens: 7, cache_read_input_tokens: 5, cache_creation_input_tokens: 3 };
const MESSAGE = { id: 'msg_01', model: 'claude-sonnet-4-6', usage: USAGE, stopReason: 'tool_use' };
const RESPONSE = { id: 'resp_1', model: 'gpt-5.5', usage: USAGE, ending: 'completed' };
const USUAL = {
  id: '2026-11-22T23-02-07-879', ts: '23:02:07', method: 'POST', url: '/v1/messages', status: 200, isSSE: false, elapsed: '3.1', receivedAt: FROM_MS - 40, msgCount: 3,
  sessionId: '5d0c9a1e-7b32-4f7e-9c55-2f6b1d0a7e41', cwd: '/home/dev/shop', title: 'Clean up', maxContext: 200_000, usage: USAGE, cost: { cost: 0.01, confidence: 'exact' },
};
const ANTHROPIC = { provider: 'anthropic', agent: 'claude', stopReason: 'tool_use' };
const CODEX = { provider: 'openai', agent: 'codex', stopReason: 'completed', url: '/v1/responses' };

module.exports = { namedTurns };
