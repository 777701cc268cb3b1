'use strict';

const { parsed } = require('../reference/record');

/**
 * The kinds of entries that are easily misread, each with a check whether an entry is of it. A check gets
 * `{entry, req, res, events, usages, text}`: `events` are flat, `usages` are the usage blocks of the response, `text` is the whole record.
 */
const KINDS = {
  'an input that grows': ({ usages }) => usages.length > 1 && usages[0].input_tokens < usages.at(-1).input_tokens,
  'usage in several deltas': ({ events }) => events.filter(({ type, usage }) => type === 'message_delta' && usage).length > 1,
  'usage that starts at zero': ({ usages }) => usages[0]?.input_tokens === 0 && usages.at(-1).input_tokens > 0,
  'usage in the last event': ({ events }) => events.some(({ type, usage }) => type === 'message_stop' && usage),
  'rounds of another model': ({ usages }) => usages.some(({ iterations }) => iterations?.some?.((round) => round?.model !== undefined)),
  'rounds of a compaction': ({ usages }) => usages.some(({ iterations }) => iterations?.some?.((round) => round?.type === 'compaction')),
  'rounds that are not counts': ({ usages }) => usages.some(({ iterations }) => iterations?.includes?.('x')),
  'null counts': ({ usages }) => usages.some(({ input_tokens: input }) => input === null),
  'counts as text': ({ usages }) => usages.some(({ output_tokens: output }) => typeof output === 'string'),
  'cache writes within the input': ({ usages }) => usages.some(({ input_tokens_details: details }) => details?.cache_write_tokens > 0),
  'more cached than input': ({ usages }) => usages.some((usage) => usage.input_tokens_details?.cached_tokens > usage.input_tokens),
  'names of chat completions': ({ usages }) => usages.some(({ prompt_tokens: input }) => input > 0),
  'a stream that ends in response.done': ({ events }) => events.some(({ type }) => type === 'response.done'),
  'content in the first event': ({ events }) => events.some(({ message }) => message?.content?.some(({ type }) => type === 'tool_use')),
  'blocks with one id': ({ events }) => hasTwice(events.map(({ content_block: block }) => block?.id)),
  'items that are never finished': ({ events }) => announced(events).some((item) => !finished(events).some(({ id }) => id === item.id)),
  'items that are finished twice': ({ events }) => hasTwice(finished(events).map(({ id }) => id)),
  'calls in the last event only': ({ events }) => events.some(({ response }) => response?.output?.some(({ id }) => id?.endsWith('_late'))),
  'items with an empty call id': ({ events }) => finished(events).some(({ call_id: id }) => id === ''),
  'items named by what they do': ({ events }) => finished(events).some(({ type }) => type === 'multi_agent_call'),
  'server tools with names': ({ events }) => finished(events).some(({ type }) => type === 'x_search_call'),
  'MCP calls within a program': ({ events }) => finished(events).some(({ name, input }) => name === 'exec' && /tools\.mcp__/.test(input)),
  'MCP calls through a gate': ({ events }) => finished(events).some(({ name }) => name === 'use_tool'),
  'an MCP namespace of an app': ({ events }) => finished(events).some(({ namespace }) => namespace?.startsWith('mcp__codex_apps__')),
  'events of a gateway': ({ events }) => events.some(({ type }) => type === 'vertex_event'),
  'events of a transport': ({ events }) => events.some(({ type }) => ['keepalive', 'responsesapi.websocket_timing'].includes(type)),
  'an empty event': ({ events }) => events.some((event) => Object.keys(event).every((key) => key === '_ts')),
  'an error without a type': ({ events }) => events.some(({ type, error }) => type === undefined && error !== undefined),
  'a list around an error': ({ entry, events }) => entry.status >= 400 && events.length > 0,
  'an error after the end': ({ events }) => events.findIndex(isError) > events.findIndex(({ type }) => type === 'message_stop') && events.some(({ type }) => type === 'message_stop'),
  'two errors': ({ events }) => events.filter(isError).length > 1,
  'an error with a number': ({ text }) => /"code":(?:"429"|503|429)/.test(text),
  'limits in an error': ({ events }) => events.some(({ type, headers }) => type === 'error' && headers !== undefined),
  'limits in an event': ({ events }) => events.some(({ type, rate_limits: limits }) => type === 'codex.rate_limits' && limits?.primary),
  'a window that is off by a minute': ({ text }) => /"(?:299|301|10079|10081)"/.test(text),
  'a model with a dot': ({ entry }) => /claude-.*\d\.\d/.test(entry.model),
  'a model in upper case': ({ entry }) => /[A-Z]/.test(entry.model ?? ''),
  'a model of a publisher': ({ entry }) => entry.model?.startsWith('publishers/'),
  'a compaction on the server': ({ events }) => events.some(({ content_block: block }) => block?.type === 'compaction'),
  'a pause after a compaction': ({ entry }) => entry.stopReason === 'compaction',
  'a request for a remote compaction': ({ req }) => req?.input?.at(-1)?.type === 'compaction_trigger',
  'a remote compaction': ({ events }) => finished(events).some(({ type }) => type === 'compaction'),
  'a compacted conversation': ({ req }) => req?.input?.some(({ type }) => type === 'compaction'),
  'a compaction by metadata': ({ text }) => /request_kind\W+compaction/.test(text),
  'a memory request': ({ text }) => /request_kind\W+memory/.test(text),
  'a prewarmed connection': ({ text }) => /request_kind\W+prewarm/.test(text),
  'a title of a thread': ({ text }) => /thread_source\W+thread_title/.test(text),
  'a guardian': ({ text }) => /thread_source\W+guardian_review/.test(text),
  'a sub-agent by metadata': ({ text }) => /thread_source\W+subagent/.test(text),
  'metadata in a header': ({ parts }) => parts.requestHeaders?.['x-codex-turn-metadata'] !== undefined,
  'a refused upgrade': ({ entry }) => entry.status === 426,
  'a sub-agent by the line of its version': ({ text }) => text.includes('cc_is_subagent=true'),
  'a sub-agent by a header': ({ parts }) => parts.requestHeaders?.['x-claude-code-agent-id'] !== undefined,
  'a main agent with a prompt of its own': ({ entry }) => entry.agentKey === 'okapi-keeper',
  'messages of role system': ({ req }) => req?.messages?.some(({ role }) => role === 'system'),
  'plan mode in a system message': ({ req }) => req?.messages?.some(({ role, content }) => role === 'system' && /^Plan mode is/m.test(content)),
  'a refused call': ({ text }) => text.includes('[Request interrupted by user for tool use]'),
  'a result of a call about plan mode': ({ entry }, planCalls) => entry.turnToolResults?.some(({ callId }) => planCalls.has(callId)),
  'a collaboration mode': ({ text }) => text.includes('<collaboration_mode># Plan Mode'),
  'a duration of years': ({ entry }) => entry.elapsed === '1e18' || entry.receivedAt === 5000,
  'a window that is too small': ({ entry }) => entry.maxContext === 1,
  'a cost beyond any call': ({ entry }) => entry.cost === 1e308 || entry.cost?.cost === -5,
  'counts beyond any call': ({ entry }) => entry.usage?.input_tokens === 1e308 || entry.usage?.output_tokens === 1_000_000_001,
  'too many calls': ({ entry }) => entry.turnToolCalls?.Bash >= 6000,
  'a command after a request for a summary': ({ req }) => /<command-message>\/?compact/.test(JSON.stringify(req?.messages?.at(-1) ?? '')),
};

/**
 * How many records are of each kind.
 * @param {{line: string, parts: object}[]} records
 * @returns {Map<string, number>}
 */
function kindsOf(records) {
  const counts = new Map(Object.keys(KINDS).map((kind) => [kind, 0]));
  const planCalls = new Set();
  for (const record of records) {
    const read = readable(record);
    if (read === undefined) continue;
    for (const [kind, isOf] of Object.entries(KINDS)) if (isOf(read, planCalls)) counts.set(kind, counts.get(kind) + 1);
    for (const [id, name] of Object.entries(read.entry.turnToolCallIds ?? {})) if (/plan_?mode/i.test(name)) planCalls.add(id);
  }
  return counts;
}

function readable({ line, parts }) {
  const entry = parsed(line);
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return undefined;
  const res = parts.response === undefined ? entry.res : parsed(parts.response);
  const req = parts.request === undefined ? entry.req : parsed(parts.request);
  const events = Array.isArray(res) ? res.map(({ data, ...event }) => data ?? event) : [];
  const bodies = [...events.flatMap(({ message, usage, response }) => [message?.usage, usage, response?.usage]), Array.isArray(res) ? undefined : res?.usage];
  const usages = bodies.filter((usage) => usage !== null && typeof usage === 'object');
  return { entry, req, res, events, usages, parts, text: line + Object.values(parts).map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join('\n') };
}

function isError({ type }) {
  return type === 'error';
}

function announced(events) {
  return events.filter(({ type }) => type === 'response.output_item.added').map(({ item }) => item);
}

function finished(events) {
  return events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
}

function hasTwice(ids) {
  const known = ids.filter((id) => id !== undefined);
  return new Set(known).size < known.length;
}

module.exports = { kindsOf, KINDS: Object.keys(KINDS) };
