'use strict';

// The facts of a turn, read from the parsed objects on the JS thread. Part of the comparison: a careful
// JavaScript implementation would do the work of the addon's worker like this, in one pass over the events,
// without copies, and with the input of a tool joined only if a metric needs it.

const { AGENT_TYPES, TOOLS, WRITES, dangersIn } = require('./catalog');

const PROBE = 'probe';
const SIDE = 'side';
const TURN = 'turn';

const UNNAMED_AGENTS = new Set(['unknown', 'agent']);
const TERMINAL = new Set(['message_stop', 'response.completed', 'response.done', 'response.failed', 'response.incomplete']);
/** Roles of tools in the catalog. */
const SHELL = 'shell';
const SKILL = 'skill';
const FILE = 'file';
const PATCH = 'patch';
const PATCH_LINE = /^\s*\*\*\* (?:Add|Update|Delete) File:/gm;

/**
 * @param {object} entry the parsed entry
 * @returns {'probe' | 'side' | 'turn'} its kind: not counted, only cost and latency, or all metrics
 */
function kindOf(entry) {
  if (entry.imported || (!entry.model && !entry.msgCount)) return PROBE;
  if (entry.url?.includes('/count_tokens') || entry.req?.capture === 'transport-only') return PROBE;
  return AGENT_TYPES.get(entry.agentKey) === 'side' ? SIDE : TURN;
}

/** @returns {'anthropic' | 'openai' | 'xai' | 'other'} the provider that served the call */
function providerOf(entry) {
  if (entry.agent === 'grok') return 'xai';
  return entry.provider === 'anthropic' || entry.provider === 'openai' ? entry.provider : 'other';
}

/** @returns {boolean} whether a sub-agent made this turn */
function isSubagent(entry) {
  const key = entry.agentKey;
  if (entry.provider !== 'anthropic') return entry.isSubagent === true || AGENT_TYPES.get(key) === 'sub';
  if (!key || UNNAMED_AGENTS.has(key)) return entry.isSubagent === true;
  return AGENT_TYPES.get(key) !== 'main';
}

/**
 * One pass over the events of a response.
 *
 * @param {object[]} events `entry.res`: flat events (Anthropic, WebSocket) or frames with `data`
 * @returns {{firstDeltaMs: number, lastMs: number, ended: boolean, errorType: string | undefined,
 *   stopDetail: string | undefined, calls: {name: string, server?: string}[], plainCalls: number,
 *   skills: string[], dangers: string[], writes: number}} times are Unix ms, 0 if no event has a time
 */
function scanEvents(events) {
  const seen = {
    firstDeltaMs: 0, lastMs: 0, ended: false, errorType: undefined, stopDetail: undefined,
    calls: [], plainCalls: 0, skills: [], dangers: [], writes: 0,
  };
  let open = null;
  let input = '';
  for (const frame of events) {
    const event = frame.data ?? frame;
    const { _ts: at } = frame;
    if (at > seen.lastMs) seen.lastMs = at;
    switch (event.type) {
      case 'content_block_delta':
        if (seen.firstDeltaMs === 0) seen.firstDeltaMs = at;
        if (open !== null && event.delta.type === 'input_json_delta') input += event.delta.partial_json;
        break;
      case 'content_block_start': {
        const block = event.content_block;
        if (block.type === 'tool_use' || block.type === 'server_tool_use' || block.type === 'mcp_tool_use') {
          addCall(seen, block.name, block.server_name);
          if (block.type === 'tool_use') seen.plainCalls += 1;
          const role = TOOLS.get(block.name);
          open = role === SHELL || role === SKILL ? role : null;
          input = '';
        }
        break;
      }
      case 'content_block_stop':
        if (open !== null) readInput(seen, open, input);
        open = null;
        break;
      case 'response.output_text.delta':
        if (seen.firstDeltaMs === 0) seen.firstDeltaMs = at;
        break;
      case 'response.output_item.done':
        readItem(seen, event.item);
        break;
      case 'error':
        seen.errorType = event.error?.type ?? event.error?.code;
        break;
      case 'response.failed':
        seen.errorType = event.response?.error?.code;
        break;
      case 'response.incomplete':
        seen.stopDetail = event.response?.incomplete_details?.reason;
        break;
      default:
    }
    if (TERMINAL.has(event.type)) seen.ended = true;
  }
  return seen;
}

/**
 * The calls of a turn for which there is only the index line.
 *
 * @returns {{calls: {name: string, server?: string}[], writes: number} | null} null: unknown
 */
function callsFromFields(entry) {
  if (entry.provider === 'anthropic') {
    if (!entry.turnToolCalls) return null;
    const seen = { calls: [], writes: 0 };
    for (const name in entry.turnToolCalls) {
      for (let left = entry.turnToolCalls[name]; left > 0; left -= 1) addCall(seen, name);
    }
    return seen;
  }
  if (!entry.turnToolCallIds) return null;
  const seen = { calls: [], writes: 0 };
  for (const id in entry.turnToolCallIds) addCall(seen, entry.turnToolCallIds[id] ?? 'unknown');
  return seen;
}

/** @returns {boolean} whether the host counted other calls than the response has; false if it did not count */
function isMiscounted(entry, scan) {
  if (!entry.turnToolCalls) return false;
  let counted = 0;
  for (const name in entry.turnToolCalls) counted += entry.turnToolCalls[name];
  return counted !== scan.plainCalls;
}

/** @returns {number} how many tool results of this request have failed */
function failedResults(entry) {
  let failed = 0;
  for (const result of entry.turnToolResults ?? []) if (result.toolFail === true) failed += 1;
  return failed;
}

/** @returns {number} milliseconds; NaN if the entry has no times */
function latencyMs(entry, scan) {
  const exact = scan === null || scan.lastMs === 0 ? NaN : scan.lastMs - entry.receivedAt;
  return exact >= 0 ? exact : Number.parseFloat(entry.elapsed) * 1000;
}

function addCall(seen, name, server) {
  if (WRITES.get(name) === FILE) seen.writes += 1;
  if (name.startsWith('mcp__')) {
    const cut = name.indexOf('__', 5);
    if (cut > 5) {
      seen.calls.push({ name: name.slice(cut + 2), server: name.slice(5, cut) });
      return;
    }
  }
  seen.calls.push({ name, server });
}

function readInput(seen, role, text) {
  let input;
  try {
    input = JSON.parse(text);
  } catch {
    return;
  }
  if (role === SKILL) {
    if (typeof input.skill === 'string') seen.skills.push(input.skill);
    return;
  }
  findDangers(seen, input.command ?? input.cmd);
}

function readItem(seen, item) {
  const type = item?.type;
  if (type === 'function_call' || type === 'custom_tool_call' || type === 'tool_call') {
    const role = TOOLS.get(item.name);
    if (WRITES.get(item.name) === PATCH) seen.writes += item.input?.match(PATCH_LINE)?.length ?? 1;
    addCall(seen, item.name, item.namespace?.startsWith('mcp__') ? item.namespace.slice(5) : undefined);
    if (role === SHELL && item.arguments) readInput(seen, role, item.arguments);
  } else if (type === 'mcp_call') {
    addCall(seen, item.name, item.server_label);
  } else if (type?.endsWith('_call')) {
    addCall(seen, type.slice(0, -5));
    findDangers(seen, item.action?.command);
  }
}

function findDangers(seen, command) {
  const text = Array.isArray(command) ? command.join(' ') : command;
  if (typeof text !== 'string') return;
  seen.dangers.push(...dangersIn(text));
}

module.exports = { kindOf, providerOf, isSubagent, scanEvents, callsFromFields, isMiscounted, failedResults, latencyMs };
