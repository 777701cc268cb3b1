'use strict';

const label = require('./catalog');
const { commandOf, hasGarbledInput, inputOf, writesOf } = require('./input');

/**
 * One call of a tool: `{name, role, writes}`, with `mcp` the server and its tool, with `command` what a shell was to run, with `skill` the
 * name of a skill, with `isUnread` whether there is no such thing in the input of a tool that has one, with `isPlain` whether the host
 * should have counted it, too. A call whose input did not arrive in full does nothing.
 */

/**
 * The calls of a turn: from the response if there is one, else what the line says of them.
 * @param {object} entry
 * @param {object[]|undefined} carriers what may be a call in the response, see carriers.js
 * @param {*} res
 * @returns {{calls: object[]|undefined, missed: boolean, fallback: string|undefined}} no calls if nothing says what there were; `missed`:
 *   the response has a call of a kind of its own; `fallback`: why the line had to do
 */
function callsOf(entry, carriers, res) {
  if (carriers !== undefined) {
    const calls = carriers.map((carrier) => callOf(carrier, entry));
    return { calls: calls.filter((call) => call !== undefined), missed: calls.includes(undefined), fallback: undefined };
  }
  const isAnthropic = entry.provider === 'anthropic';
  const calls = isAnthropic ? countedCalls(entry.turnToolCalls, entry) : notedCalls(entry);
  const fallback = res === undefined ? 'no_response' : 'opaque_response';
  // Anthropic's counts are as right as a response, but one that is there was meant to say more.
  const isPoorer = calls !== undefined && (!isAnthropic || (calls.length > 0 && res !== undefined));
  return { calls, missed: false, fallback: isPoorer ? fallback : undefined };
}

/** @returns {object[]|undefined} without the response there are names and counts, and no inputs */
function countedCalls(counts, entry) {
  if (counts === undefined || counts === null) return undefined;
  return Object.entries(counts).flatMap(([name, count]) => Array.from({ length: count }, () => lineCall(name, entry)));
}

/** A host that notes no ids counts at most; that it counted nothing says nothing, because one of them never counts. */
function notedCalls(entry) {
  const { turnToolCallIds: ids, toolCalls: counts } = entry;
  if (ids !== undefined && ids !== null) return Object.values(ids).map((name) => lineCall(name ?? '', entry));
  return Object.keys(counts ?? {}).length > 0 ? countedCalls(counts, entry) : undefined;
}

function lineCall(name, { agent }) {
  const mcp = mcpOf(name, agent);
  if (mcp) return { name, mcp, writes: 0, isPlain: true };
  return { name, role: label.toolRole(name), writes: label.writeRole(name) === undefined ? 0 : 1, isPlain: true };
}

/** @returns {object|undefined} undefined for a call of a kind that is not known, or that does not say what it calls */
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
  const server = typeof namespace === 'string' ? label.mcpOf('namespace', namespace)?.server : undefined;
  const mcp = server === undefined ? mcpOf(name, agent) : { server, tool: name };
  return namedCall({ name, mcp, isPlain: true }, item);
}

/** What follows from the name and from the input. */
function namedCall(call, carrier) {
  const role = call.mcp ? undefined : label.toolRole(call.name);
  const named = { ...call, role, writes: 0 };
  const input = inputOf(carrier);
  const isLookedAt = role === 'shell' || role === 'skill';
  if (call.mcp || input === undefined) return { ...named, isCut: input === undefined, isUnread: isLookedAt && hasGarbledInput(carrier) };
  if (role === 'shell') named.command = commandOf(input);
  if (role === 'skill') named.skill = skillIn(input);
  named.isUnread = isLookedAt && typeof (named.command ?? named.skill) !== 'string';
  return { ...named, writes: writesOf(call.name, input, named.command) };
}

function skillIn({ skill }) {
  return typeof skill === 'string' && skill !== '' ? skill.replace(/^\//, '') : undefined;
}

/** @returns {{server: string, tool: string}|undefined} what a name says that is one of an MCP tool */
function mcpOf(name, agent) {
  if (name.startsWith('mcp__')) return label.mcpOf('claude', name);
  return agent === 'grok' ? label.mcpOf('grok', name) : undefined;
}

/** Items that say what they call; the others are what their type says. */
const NAMED = new Set(['function_call', 'custom_tool_call', 'tool_call', 'mcp_call']);

module.exports = { callsOf };
