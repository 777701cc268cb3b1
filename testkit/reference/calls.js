'use strict';

const catalog = require('./catalog');
const { commandOf, hasGarbledInput, inputOf, patchedFiles, writesOf } = require('./input');
const { callsInProgram, isProgram } = require('./program');

/**
 * A tool call is `{name, role, writes}`, and perhaps `mcp` (the server and its tool), `command` (of a shell), `skill` (its name),
 * `id`, `inner` (the names of the tools that it calls itself), `isUnread` (the input lacks the command or skill that such a tool has), `isPlain`
 * (the host should count the call, too) and `isLate` (the host may not see it). A call whose input is incomplete has no effects.
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
    const calls = carriers.map((carrier) => placedCall(carrier, entry));
    return { calls: calls.filter((call) => call !== undefined), missed: calls.includes(undefined), fallback: undefined };
  }
  const isAnthropic = entry.provider === 'anthropic';
  if (isTooMuch(isAnthropic ? entry.turnToolCalls : entry.toolCalls)) return { calls: undefined, missed: false, fallback: 'out_of_bounds' };
  const calls = isAnthropic ? countedCalls(entry.turnToolCalls, entry) : notedCalls(entry);
  const fallback = res === undefined ? 'no_response' : 'opaque_response';
  // Anthropic's counts are as exact as a response. But where a response exists, it should have been readable.
  const isPoorer = calls !== undefined && (!isAnthropic || (calls.length > 0 && res !== undefined));
  return { calls, missed: false, fallback: isPoorer ? fallback : undefined };
}

/** Whether a line counts more calls than a turn can have. Then none of its counts is used. */
function isTooMuch(counts) {
  const sum = Object.values(counts ?? {}).reduce((total, count) => total + (typeof count === 'number' ? count : 0), 0);
  return sum > MOST_CALLS;
}

/** @returns {object[]|undefined} calls from names and counts, without inputs; those of one tool are one, `times` over */
function countedCalls(counts, entry) {
  if (counts === undefined || counts === null) return undefined;
  const whole = Object.entries(counts).filter(([, count]) => Number.isInteger(count) && count >= 0);
  return whole.filter(([, count]) => count > 0).map(([name, times]) => Object.assign(lineCall(name, entry), { times }));
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

function placedCall(carrier, entry) {
  const call = callOf(carrier, entry);
  return call && Object.assign(call, { id: carrier.call_id ?? carrier.id, isLate: carrier.isLate === true });
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
  const { type, namespace } = item;
  if (!NAMED.has(type)) return namedCall({ name: typedName(item), isPlain: false }, item);
  const { name } = item;
  if (typeof name !== 'string') return undefined;
  if (type === 'mcp_call') return { name, mcp: { server: item.server_label, tool: name }, writes: 0 };
  const mcp = mcpInNamespace(namespace, name) ?? mcpOf(name, agent);
  return namedCall({ name, mcp, isPlain: true }, item);
}

/** The server of a namespace ends like that in a name: the rest belongs to the tool. */
function mcpInNamespace(namespace, name) {
  if (typeof namespace !== 'string') return undefined;
  const app = catalog.mcpOf('claude', namespace);
  if (app !== undefined) return { server: app.server, tool: `${app.tool}__${name}` };
  const { server } = catalog.mcpOf('namespace', namespace) ?? {};
  return server && { server, tool: name };
}

/** The name of an item or of what it does. If the type of the item names a tool, the name of that, unless the other is known, too. */
function typedName({ type, name, action }) {
  const typed = type.slice(0, -'_call'.length);
  const told = [name, action].find((word) => typeof word === 'string' && word !== '') ?? typed;
  return catalog.toolRole(typed) !== undefined && catalog.toolRole(told) === undefined ? typed : told;
}

/** Adds what follows from the name and from the input. */
function namedCall(call, carrier) {
  const role = call.mcp ? undefined : catalog.toolRole(call.name);
  const named = { ...call, role, writes: 0 };
  const input = inputOf(carrier);
  const needsInput = ['shell', 'program', 'skill'].includes(role);
  if (call.mcp || input === undefined) return { ...named, isCut: input === undefined, isUnread: needsInput && hasGarbledInput(carrier) };
  if (role === 'shell') named.command = commandOf(input);
  if (role === 'program') Object.assign(named, programOf(commandOf(input)));
  if (role === 'dispatch') named.inner = innerNames(input);
  if (role === 'skill') named.skill = skillIn(input);
  named.isUnread = needsInput && typeof (named.command ?? named.skill) !== 'string';
  return { ...named, writes: named.patched ?? writesOf(call.name, input, named.command) };
}

/** The commands of a program are the texts in its calls of shells. Its patches write each file once, wherever in the program they stand. */
function programOf(program) {
  if (typeof program !== 'string' || !isProgram(program)) return { command: program };
  const { calls, strays, texts: all } = callsInProgram(program);
  const shells = calls.filter(({ name }) => catalog.toolRole(name) === 'shell');
  const writers = calls.map(({ name }) => catalog.writeRole(name));
  const isOpen = strays.isRenamed || shells.some(({ hasCommand }) => !hasCommand);
  const hasPatch = writers.includes('patch');
  const patched = hasPatch || isOpen || shells.length > 0 ? patchedFiles(all.join('\n')) : 0;
  return {
    command: '',
    commands: [...shells.flatMap(({ texts }) => texts), ...(isOpen ? strays.texts : [])],
    patched: Math.max(patched, hasPatch ? 1 : 0) + writers.filter((role) => role === 'file').length,
    inner: calls.map(({ name }) => name).filter((name) => name.startsWith('mcp__')).map(published),
  };
}

/** A name in a program has no hyphen. That of a published server may have one. */
function published(name) {
  const server = catalog.mcpOf('claude', name)?.server;
  const hyphened = server?.replaceAll('_', '-');
  return server !== undefined && catalog.mcpServer(server) === 'custom' && catalog.mcpServer(hyphened) !== 'custom' ? name.replace(server, hyphened) : name;
}

function innerNames(input) {
  const name = [input?.tool_name, input?.tool, input?.name].find((word) => typeof word === 'string' && word !== '');
  return name === undefined ? [] : [name];
}

function skillIn({ skill }) {
  return typeof skill === 'string' && skill !== '' ? skill.replace(/^\//, '') : undefined;
}

/** @returns {{server: string, tool: string}|undefined} the parts of the name of an MCP tool */
function mcpOf(name, agent) {
  if (name.startsWith('mcp__')) return catalog.mcpOf('claude', name);
  return agent === 'grok' ? catalog.mcpOf('grok', name) : undefined;
}

/** The most calls of one turn. */
const MOST_CALLS = 10_000;
/** Items with the name of a tool. The other items are named by their type. */
const NAMED = new Set(['function_call', 'custom_tool_call', 'tool_call', 'mcp_call']);

module.exports = { callsOf, mcpOf };
