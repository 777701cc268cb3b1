'use strict';

// Turns with all attribute values that the cardinality limits allow, to fill as many series as a hub can have:
// all providers times all models, all tools, all MCP servers times their tools, and so on.

const PROVIDERS = [
  { provider: 'anthropic', agent: 'claude', wire: anthropic },
  { provider: 'openai', agent: 'codex', wire: responses },
  { provider: 'openai', agent: 'grok', wire: responses },
];
/** The cardinality limits of the attributes. */
const MODELS = 20;
const TOOLS = 50;
const SERVERS = 30;
const MCP_TOOLS = 50;
const SKILLS = 50;
const AGENT_TYPES = 20;

const MCP_CALLS_PER_TURN = 5;

/** How many turns reach every combination once. */
const TURNS = (SERVERS * MCP_TOOLS) / MCP_CALLS_PER_TURN;

const EPOCH_MS = 1_787_205_802_118;

/**
 * @returns {{entry: object, line: string, response: string}[]} see `payloads.js`; small responses, many attribute values
 */
function turns() {
  return Array.from({ length: TURNS }, (_, index) => turn(index));
}

function turn(index) {
  const { provider, agent, wire } = PROVIDERS[index % PROVIDERS.length];
  const round = Math.floor(index / PROVIDERS.length);
  const model = `bench-model-${round % MODELS}`;
  const calls = [{ name: `bench_tool_${round % TOOLS}` }];
  for (let call = 0; call < MCP_CALLS_PER_TURN; call += 1) {
    const at = index * MCP_CALLS_PER_TURN + call;
    calls.push({ server: `server${Math.floor(at / MCP_TOOLS)}`, name: `tool${at % MCP_TOOLS}` });
  }
  const receivedAt = EPOCH_MS + index * 100;
  const isSplit = round % 2 === 0;
  const fields = {
    id: `bench-${index}`,
    sessionId: `bench-session-${index % 40}`,
    provider,
    agent,
    model,
    msgCount: 10,
    isSubagent: false,
    isSSE: true,
    usage: {
      input_tokens: 10,
      output_tokens: 20,
      cache_read_input_tokens: 30,
      cache_creation_input_tokens: 40,
      ...(isSplit && { cache_creation: { ephemeral_5m_input_tokens: 15, ephemeral_1h_input_tokens: 25 } }),
    },
    // Every model occurs with and without a price.
    cost: Math.floor(round / MODELS) % 2 === 0 ? { cost: 0.01, rates: null, confidence: 'exact' } : null,
    maxContext: 200_000,
    stopReason: provider === 'anthropic' ? 'tool_use' : 'completed',
    elapsed: '1.5',
    status: 200,
    receivedAt,
    agentKey: round % 3 === 0 ? 'orchestrator' : `bench-agent-${round % AGENT_TYPES}`,
    turnToolResults: [],
  };
  const res = wire(calls, `bench-skill-${round % SKILLS}`, receivedAt + 100);
  return { entry: { ...fields, req: null, res }, line: JSON.stringify(fields), response: JSON.stringify(res) };
}

function anthropic(calls, skill, now) {
  const list = [{ type: 'message_start', message: { id: 'msg', usage: {} } }];
  const add = (index, block, input) => {
    list.push({ type: 'content_block_start', index, content_block: { input: {}, ...block } });
    list.push({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: input } });
    list.push({ type: 'content_block_stop', index });
  };
  calls.forEach(({ name, server }, index) => {
    const full = server === undefined ? name : `mcp__${server}__${name}`;
    add(index, { type: 'tool_use', id: `toolu_${index}`, name: full }, '{}');
  });
  add(calls.length, { type: 'tool_use', id: 'toolu_skill', name: 'Skill' }, JSON.stringify({ skill }));
  list.push({ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 20 } });
  list.push({ type: 'message_stop' });
  list.forEach((event, at) => Object.assign(event, { _ts: now + at }));
  return list;
}

function responses(calls, _skill, now) {
  const list = [{ type: 'response.created' }, { type: 'response.output_text.delta', delta: 'ok' }];
  calls.forEach(({ name, server }, at) => {
    const item = { type: 'function_call', name, call_id: `call_${at}`, arguments: '{}' };
    if (server !== undefined) item.namespace = `mcp__${server}`;
    list.push({ type: 'response.output_item.done', output_index: at, item });
  });
  list.push({ type: 'response.completed', response: { status: 'completed' } });
  return list.map((data, at) => ({ event: data.type, type: data.type, data, _ts: now + at }));
}

module.exports = { turns };
