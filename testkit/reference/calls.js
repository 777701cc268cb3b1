'use strict';

const catalog = require('./catalog');
const { commandOf, hasGarbledInput, inputOf, writesOf } = require('./input');

/**
 * A tool call is `{name, role, writes}`, and perhaps `mcp` (the server and its tool), `command` (of a shell), `skill` (its name),
 * `isUnread` (the input lacks the command or skill that such a tool has) and `isPlain` (the host should count the call, too).
 * A call whose input is incomplete has no effects.
 */

/**
 * The calls of a turn: from the response if there is one, else from the index line.
 * @param {object} entry
 * @param {object[]|undefined} carriers the possible calls in the response, see carriers.js
 * @param {*} res
 * @returns {{calls: object[]|undefined, missed: boolean, fallback: string|undefined}} `calls` is undefined if they are not reported;
 *   `missed`: the response has a call of an unknown kind; `fallback`: why the index line is used
 */
function callsOf(entry, carriers, res) {
  if (carriers !== undefined) {
    const calls = carriers.map((carrier) => callOf(carrier, entry));
    return { calls: calls.filter((call) => call !== undefined), missed: calls.includes(undefined), fallback: undefined };
  }
  const isAnthropic = entry.provider === 'anthropic';
  const calls = isAnthropic ? countedCalls(entry.turnToolCalls, entry) : notedCalls(entry);
  const fallback = res === undefined ? 'no_response' : 'opaque_response';
  // Anthropic's counts are as exact as a response. But where a response exists, it should have been readable.
  const isPoorer = calls !== undefined && (!isAnthropic || (calls.length > 0 && res !== undefined));
  return { calls, missed: false, fallback: isPoorer ? fallback : undefined };
}

/** @returns {object[]|undefined} calls from names and counts, without inputs */
function countedCalls(counts, entry) {
  if (counts === undefined || counts === null) return undefined;
  return Object.entries(counts).flatMap(([name, count]) => Array.from({ length: count }, () => lineCall(name, entry)));
}

/** A host without call ids may count the calls. A count of zero is not evidence, since one of the hosts never counts. */
function notedCalls(entry) {
  const { turnToolCallIds: ids, toolCalls: counts } = entry;
  if (ids !== undefined && ids !== null) return Object.values(ids).map((name) => lineCall(name ?? '', entry));
  return Object.keys(counts ?? {}).length > 0 ? countedCalls(counts, entry) : undefined;
}

function lineCall(name, { agent }) {
  const mcp = mcpOf(name, agent);
  if (mcp) return { name, mcp, writes: 0, isPlain: true };
  return { name, role: catalog.toolRole(name), writes: catalog.writeRole(name) === undefined ? 0 : 1, isPlain: true };
}

/** @returns {object|undefined} undefined for a call of an unknown kind or without a name */
function callOf(carrier, entry) {
  if (entry.provider === 'anthropic') return blockCall(carrier);
  return itemCall(carrier, entry);
}

function blockCall(block) {
  const { type, name } = block;
  if (!['tool_use', 'server_tool_use', 'mcp_tool_use'].includes(type) || typeof name !== 'string') return undefined;
  if (type === 'mcp_tool_use') return { name, mcp: { server: block.server_name, tool: name }, writes: 0 };
  return namedCall({ name, mcp: mcpOf(name, 'claude'), isPlain: type === 'tool_use' }, block);
}

function itemCall(item, { agent }) {
  const { type, name, namespace } = item;
  if (!NAMED.has(type)) return namedCall({ name: type.slice(0, -'_call'.length), isPlain: false }, item);
  if (typeof name !== 'string') return undefined;
  if (type === 'mcp_call') return { name, mcp: { server: item.server_label, tool: name }, writes: 0 };
  const server = typeof namespace === 'string' ? catalog.mcpOf('namespace', namespace)?.server : undefined;
  const mcp = server === undefined ? mcpOf(name, agent) : { server, tool: name };
  return namedCall({ name, mcp, isPlain: true }, item);
}

/** Adds what follows from the name and from the input. */
function namedCall(call, carrier) {
  const role = call.mcp ? undefined : catalog.toolRole(call.name);
  const named = { ...call, role, writes: 0 };
  const input = inputOf(carrier);
  const needsInput = role === 'shell' || role === 'skill';
  if (call.mcp || input === undefined) return { ...named, isCut: input === undefined, isUnread: needsInput && hasGarbledInput(carrier) };
  if (role === 'shell') named.command = commandOf(input);
  if (role === 'skill') named.skill = skillIn(input);
  named.isUnread = needsInput && typeof (named.command ?? named.skill) !== 'string';
  return { ...named, writes: writesOf(call.name, input, named.command) };
}

function skillIn({ skill }) {
  return typeof skill === 'string' && skill !== '' ? skill.replace(/^\//, '') : undefined;
}

/** @returns {{server: string, tool: string}|undefined} the parts of the name of an MCP tool */
function mcpOf(name, agent) {
  if (name.startsWith('mcp__')) return catalog.mcpOf('claude', name);
  return agent === 'grok' ? catalog.mcpOf('grok', name) : undefined;
}

/** Items with the name of a tool. The other items are named by their type. */
const NAMED = new Set(['function_call', 'custom_tool_call', 'tool_call', 'mcp_call']);

module.exports = { callsOf };
