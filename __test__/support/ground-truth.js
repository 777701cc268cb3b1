'use strict';

const label = require('./catalog');
const { Totals } = require('./totals');

/**
 * What the metrics must add up to at tier 1, derived a second time and as plainly as possible from ccxray's data
 * contract. It shares no code with the addon; when the two disagree, one of them misreads the contract.
 *
 * @param {Iterable<{line: string, parts?: {response?: string, request?: string, headers?: object}}>} records an index
 *   line with what goes with it, or a whole entry as `line`
 * @returns {Totals} one launch at tier 1
 */
function groundTruth(records) {
  const truth = new GroundTruth();
  for (const record of records) truth.add(record);
  return truth.totals;
}

/** The same for records that come one by one. */
class GroundTruth {
  totals = new Totals();
  #sessions = new Set();
  #previousMainTurn = new Map();
  #permissionMode = new Map();
  /** Whether the entry at hand was not understood as a whole. */
  #isDegraded = false;

  constructor() {
    this.totals.add('ccxray.otel.tier_distribution', { tier: 1 });
  }

  /** Counts one record. */
  add({ line, parts = {} }) {
    const entry = JSON.parse(line);
    const res = parts.response === undefined ? (entry.res ?? undefined) : parse(parts.response);
    const req = parts.request === undefined ? (entry.req ?? undefined) : parse(parts.request);
    const facts = readFacts(entry, res, req);
    if (facts.kind === 'probe') return;
    this.#isDegraded = false;
    this.#errors(facts);
    if (facts.kind === 'transport') return;
    this.#call(facts);
    if (facts.kind === 'turn') this.#turn(facts);
  }

  #errors({ provider, error }) {
    if (error !== undefined) this.totals.add('ccxray.errors_total', { type: error, provider });
  }

  /** What every model call is counted for, a side request too. */
  #call({ entry, provider, model, usage, costUsd, events, isTruncated }) {
    const { totals } = this;
    const who = { provider, model };
    if (usage !== undefined) {
      countIfNumber(totals, 'ccxray.tokens.input_total', who, usage.input_tokens);
      countIfNumber(totals, 'ccxray.tokens.output_total', who, usage.output_tokens);
      countIfNumber(totals, 'ccxray.tokens.cache_read_total', who, usage.cache_read_input_tokens);
      for (const [ttl, tokens] of cacheWrites(usage)) totals.add('ccxray.tokens.cache_creation_total', { ...who, ttl }, tokens);
      const hasTokens = typeof usage.input_tokens === 'number' || typeof usage.output_tokens === 'number';
      if (hasTokens && costUsd !== undefined) totals.add('ccxray.cost.usd_total', who, costUsd);
      else if (!isKnownToBeNothing(usage)) totals.add('ccxray.cost.unpriced_total', who);
    }
    const latencyMs = latencyOf(entry, events);
    if (latencyMs !== undefined) {
      totals.observe('ccxray.latency_ms', who, latencyMs);
      totals.observe('ccxray.request.duration', who, latencyMs / 1000);
    }
    const firstMs = firstTokenOf(entry, events);
    if (firstMs !== undefined) totals.observe('ccxray.request.time_to_first_token', who, firstMs / 1000);
    if (isTruncated) totals.add('ccxray.invariants.sse_truncated_total', { provider });
    if (usage !== undefined && !addsUp(usage)) this.#mismatch('token_sum');
  }

  /** One event under two names. */
  #mismatch(type) {
    this.#sentinel('reconciliation_mismatch_total', { type });
    this.totals.add('ccxray.invariants.parser_mismatch_total', { type });
  }

  /** Something of the entry was not understood, or guessed; its turn says so too. */
  #sentinel(name, attributes) {
    this.totals.add(`ccxray.parser.${name}`, attributes);
    this.#isDegraded = true;
  }

  #turn(facts) {
    const { totals } = this;
    const { entry, provider, model, usage, fallbacks, stopReason } = facts;
    totals.add('ccxray.agent_type.invocations_total', { type: label.agentType(entry.agentKey) });
    if (facts.isSubagent) totals.add('ccxray.subagent.invocations_total', {});
    for (const [parser, reason] of fallbacks) this.#sentinel('fallback_used_total', { parser, reason });

    if (!SENTINEL_SESSIONS.has(entry.sessionId ?? null) && !this.#sessions.has(entry.sessionId)) {
      this.#sessions.add(entry.sessionId);
      totals.add('ccxray.sessions_total', { provider });
    }
    if (stopReason !== undefined) totals.add('ccxray.stop_reason_total', { reason: stopReason });
    if (facts.hitMaxTokens) totals.add('ccxray.max_tokens_hit_total', { model });
    for (const { toolFail } of entry.turnToolResults ?? []) {
      if (toolFail === true && !facts.isRefused) totals.add('ccxray.tool.failures_total', { provider });
    }
    if (!facts.isSubagent && usage !== undefined && entry.maxContext && typeof usage.input_tokens === 'number') {
      totals.observe('ccxray.context.utilization_pct', {}, (contextTokens(usage) / entry.maxContext) * 100);
    }
    this.#tools(facts);
    this.#skills(facts);
    this.#permissions(facts);
    this.#compaction(facts);
    totals.add('ccxray.provider.distribution_total', this.#isDegraded ? { provider, 'ccxray.parser.degraded': true } : { provider });
  }

  #tools({ entry, provider, calls, res }) {
    const { totals } = this;
    if (calls === undefined) return;
    if (!agreesOnTools(entry, calls, res)) this.#mismatch('tool_count');
    totals.observe('ccxray.tools_per_turn', {}, calls.length);
    for (const call of calls) {
      totals.add('ccxray.tool.invocations_total', { tool: call.mcp ? 'custom' : label.toolName(call.name), provider });
      if (call.mcp) totals.add('ccxray.mcp.invocations_total', { server: label.mcpServer(call.mcp.server), tool: label.mcpTool(call.mcp.tool) });
      else if (call.name.startsWith('mcp__')) this.#sentinel('unknown_mcp_format_total', {});
      else if (!label.isKnownTool(call.name)) this.#sentinel('unknown_tool_total', { provider });
      if (call.writes > 0) totals.add('ccxray.file_writes_total', {}, call.writes);
      for (const pattern of label.dangerClasses(call.command ?? '')) totals.add('ccxray.dangerous_tool.invocations_total', { pattern });
    }
  }

  /** Named by the model in a Skill call, or by the user with a command that is not one of the client's own. */
  #skills({ provider, calls, req, isRefused }) {
    const byModel = (calls ?? []).filter(({ name, skill }) => name === 'Skill' && typeof skill === 'string').map(({ skill }) => skill);
    const named = isRefused ? [] : new Set(userCommands(req));
    const byUser = Array.from(named).filter((name) => !BUILTIN_COMMANDS.has(name) && !byModel.includes(name));
    for (const skill of [...byModel, ...byUser]) this.totals.add('ccxray.skill.activations_total', { skill: label.skillName(skill), provider });
  }

  /** Codex says what it may do in a developer message; a socket says it once, so it holds for the session. */
  #permissions({ entry, req }) {
    if (entry.agent !== 'codex') return;
    const mode = permissionModeOf(req) ?? this.#permissionMode.get(entry.sessionId);
    if (mode === undefined) return;
    this.#permissionMode.set(entry.sessionId, mode);
    this.totals.add('ccxray.permission_mode.usage_total', { mode: label.permissionMode(mode) });
  }

  /** No event says it: the history of the main conversation gets short and its context drops at once. */
  #compaction({ entry, isSubagent, isSocket, usage, req }) {
    if (isSubagent || isSocket || usage === undefined || SENTINEL_SESSIONS.has(entry.sessionId ?? null)) return;
    const now = { msgCount: entry.msgCount, context: contextTokens(usage), window: entry.maxContext };
    const before = this.#previousMainTurn.get(entry.sessionId);
    this.#previousMainTurn.set(entry.sessionId, now);
    if (before === undefined || before.msgCount - now.msgCount < 5) return;
    if (before.context - now.context <= 0.15 * before.window) return;
    const wasFull = before.context / before.window >= 0.835;
    const trigger = userCommands(req).includes('compact') ? 'manual' : (wasFull && 'auto') || 'unknown';
    this.totals.add('ccxray.auto_compact.triggered_total', { trigger });
  }
}

/** Everything about one entry that some metric needs. */
function readFacts(entry, res, req) {
  const isSocket = entry.responseMetadata?.transport === 'websocket';
  const isAnthropic = entry.provider === 'anthropic';
  const events = Array.isArray(res) ? res.map(flat) : undefined;
  const terminal = events?.find(({ type }) => (isAnthropic ? type === 'message_stop' : TERMINAL.has(type)));
  const kind = kindOf(entry, res, req, isSocket);
  const trusted = !isSocket || isOwnFigures(terminal);
  const usage = trusted ? (entry.usage ?? undefined) : undefined;
  const { calls, fallbacks } = readCalls(entry, events, res, isAnthropic);
  if (isSocket && res === undefined) fallbacks.push(['websocket', 'no_response']);
  const stopReason = label.stopReason(isSocket ? socketStopReason(entry, terminal) : entry.stopReason);
  if (stopReason === 'other') fallbacks.push(['stop_reason', 'unknown_value']);
  return {
    entry,
    res,
    req,
    events,
    kind,
    isSocket,
    // The client asks again, and that entry has the same request; a socket's status is not that of the turn.
    isRefused: !isSocket && entry.status >= 400,
    usage,
    calls,
    fallbacks,
    provider: providerOf(entry),
    model: label.modelFamily(entry.model),
    costUsd: costOf(entry.cost),
    isSubagent: isSubagentTurn(entry),
    error: errorOf(entry, res, events),
    stopReason,
    hitMaxTokens: isAnthropic ? entry.stopReason === 'max_tokens' : responseOf(terminal, res)?.incomplete_details?.reason === 'max_output_tokens',
    isTruncated: wasCut({ entry, events, terminal, isSocket, kind }),
  };
}

/** Whether the host counted as many plain calls as the response has. */
function agreesOnTools({ provider, turnToolCalls }, calls, res) {
  if (provider !== 'anthropic' || calls === undefined || res === undefined || !turnToolCalls) return true;
  const noted = Object.values(turnToolCalls).reduce((sum, count) => sum + count, 0);
  return typeof res === 'string' || noted === calls.filter(({ kind }) => kind === 'tool_use').length;
}

/** Whether the cache writes by lifetime are all the cache writes. */
function addsUp({ cache_creation_input_tokens: total, cache_creation: split }) {
  return !split || typeof total !== 'number' || (split.ephemeral_5m_input_tokens ?? 0) + (split.ephemeral_1h_input_tokens ?? 0) === total;
}

/** Frames over HTTP wrap what comes flat over a socket and from Anthropic. */
function flat({ _ts: at, data, ...rest }) {
  return Object.assign({ at }, data ?? rest);
}

function kindOf(entry, res, req, isSocket) {
  if (entry.imported === true || entry.url?.includes('/count_tokens') || req?.max_tokens === 1) return 'probe';
  if (isSocket && ((res !== undefined && !Array.isArray(res)) || req?.capture === 'transport-only')) return 'transport';
  if (entry.msgCount === 0 && (entry.model ?? null) === null) return 'probe';
  return SIDE_AGENTS.has(entry.agentKey) ? 'side' : 'turn';
}

function providerOf({ provider, agent }) {
  if (agent === 'grok') return 'xai';
  return provider === 'anthropic' || provider === 'openai' ? provider : 'other';
}

function isSubagentTurn({ provider, agentKey, isSubagent }) {
  if (provider !== 'anthropic') return isSubagent === true || agentKey === 'explorer' || agentKey === 'worker';
  if (agentKey === null || agentKey === undefined || agentKey === 'unknown' || agentKey === 'agent') return isSubagent === true;
  return !['orchestrator', 'sdk-agent', 'default'].includes(agentKey);
}

/** On a socket the figures are the turn's own only if it ended itself, and a bad end must bring its own usage. */
function isOwnFigures(terminal) {
  if (terminal === undefined) return false;
  if (terminal.type === 'response.completed' || terminal.type === 'response.done') return true;
  return (terminal.response?.usage ?? null) !== null;
}

/** The host may reduce the end to a bare `response.done`, which says nothing but that it is over. */
function socketStopReason(entry, terminal) {
  if (terminal === undefined) return undefined;
  const name = terminal.type.slice('response.'.length);
  return name === 'done' ? (terminal.response?.status ?? entry.stopReason) : name;
}

function wasCut({ entry, events, terminal, isSocket, kind }) {
  if (events === undefined || terminal !== undefined || events.some(({ type }) => type === 'error')) return false;
  if (isSocket) return kind === 'turn';
  return entry.isSSE === true && entry.status >= 200 && entry.status < 300;
}

function errorOf(entry, res, events) {
  const failure = events?.find(({ type }) => type === 'error' || type === 'response.failed')
    ?? (events === undefined && res?.error ? res : undefined);
  const isBadStatus = entry.status >= 400;
  if (failure === undefined && !isBadStatus) return undefined;
  const error = failure?.error ?? failure?.response?.error ?? failure;
  return label.errorType([error?.type, error?.code], entry.status);
}

function costOf(cost) {
  const amount = typeof cost === 'number' ? cost : cost?.cost;
  return typeof amount === 'number' ? amount : undefined;
}

function countIfNumber(totals, metric, attributes, value) {
  if (typeof value === 'number') totals.add(metric, attributes, value);
}

/** Tokens written to the cache by lifetime; a split that does not add up is not believed. */
function cacheWrites({ cache_creation_input_tokens: total, cache_creation: split }) {
  if (typeof total !== 'number') return [];
  const isBelieved = split && addsUp({ cache_creation_input_tokens: total, cache_creation: split });
  return isBelieved ? [['5m', split.ephemeral_5m_input_tokens ?? 0], ['1h', split.ephemeral_1h_input_tokens ?? 0]] : [['unknown', total]];
}

/** Nothing was used, so nothing lacks a price; a usage in words of its own says neither. */
function isKnownToBeNothing(usage) {
  const counts = TOKEN_COUNTS.map((key) => usage[key]).filter((value) => typeof value === 'number');
  return counts.length > 0 && counts.every((value) => value === 0);
}

function contextTokens(usage) {
  return (usage.input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
}

/** Milliseconds from arrival to the last event, else from `elapsed`, which is a text of seconds. */
function latencyOf(entry, events) {
  const moments = (events ?? []).map(({ at }) => at).filter((moment) => typeof moment === 'number');
  if (moments.length > 0 && typeof entry.receivedAt === 'number') {
    const latency = Math.max(...moments) - entry.receivedAt;
    if (latency >= 0) return latency;
  }
  const seconds = entry.elapsed === null || entry.elapsed === '' ? Number.NaN : Number(entry.elapsed);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function firstTokenOf(entry, events) {
  const first = events?.find(({ type }) => type === 'content_block_delta' || type === 'response.output_text.delta');
  if (typeof first?.at !== 'number' || typeof entry.receivedAt !== 'number' || first.at < entry.receivedAt) return undefined;
  return first.at - entry.receivedAt;
}

/** The tool calls of this turn: from the response if there is one, else from what the line says. */
function readCalls(entry, events, res, isAnthropic) {
  if (isAnthropic) {
    const blocks = events === undefined ? res?.content : blocksOfStream(events);
    if (Array.isArray(blocks)) return { calls: firstOfEach(blocks).flatMap(anthropicCall), fallbacks: [] };
    return { calls: callsFromCounts(entry.turnToolCalls), fallbacks: [] };
  }
  if (events !== undefined) {
    const items = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
    return { calls: distinct(items).flatMap((item) => responsesCall(item, entry.agent)), fallbacks: [] };
  }
  if (typeof res === 'object') return { calls: distinct(res.output ?? []).flatMap((item) => responsesCall(item, entry.agent)), fallbacks: [] };
  const ids = entry.turnToolCallIds;
  if (ids === undefined || ids === null) return { calls: undefined, fallbacks: [] };
  const names = Object.values(ids).map((name) => Object.assign(namedCall(name ?? '', entry.agent), { writes: writesOfName(name) }));
  return { calls: names, fallbacks: [['tools', res === undefined ? 'no_response' : 'opaque_response']] };
}

function blocksOfStream(events) {
  const starts = events.filter(({ type }) => type === 'content_block_start');
  return starts.map(({ index, content_block: block }) => {
    const json = events
      .filter((event) => event.type === 'content_block_delta' && event.index === index && event.delta?.type === 'input_json_delta')
      .map(({ delta }) => delta.partial_json)
      .join('');
    const isCut = !events.some((event) => event.type === 'content_block_stop' && event.index === index);
    return Object.assign({}, block, { isCut }, json === '' ? {} : { input: parse(json) });
  });
}

/** Of the blocks with one id the first; blocks without an id are all different. */
function firstOfEach(blocks) {
  return blocks.filter(({ id }, i) => typeof id !== 'string' || blocks.findIndex((block) => block.id === id) === i);
}

function anthropicCall(block) {
  if (block.type === 'mcp_tool_use') return [{ kind: block.type, name: block.name, mcp: { server: block.server_name, tool: block.name }, writes: 0 }];
  if (block.type !== 'tool_use' && block.type !== 'server_tool_use') return [];
  const named = { kind: block.type, ...namedCall(block.name, 'claude') };
  // The client never saw the whole input, so it ran nothing.
  if (block.isCut) return [{ ...named, writes: 0 }];
  const call = { ...named, writes: writesOfName(block.name) };
  if (block.name === 'Bash' || block.name === 'PowerShell') call.command = block.input?.command;
  if (block.name === 'Skill') call.skill = block.input?.skill?.replace?.(/^\//, '');
  return [call];
}

/** Without the response there are names and counts, and no inputs. */
function callsFromCounts(counts) {
  if (counts === undefined || counts === null) return undefined;
  return Object.entries(counts).flatMap(([name, count]) => Array.from({ length: count }, () => ({
    kind: 'tool_use', ...namedCall(name, 'claude'), writes: writesOfName(name),
  })));
}

function responsesCall(item, agent) {
  if (item.type === 'mcp_call') return [{ name: item.name, mcp: { server: item.server_label, tool: item.name }, writes: 0 }];
  if (['function_call', 'custom_tool_call', 'tool_call'].includes(item.type)) {
    const server = /^mcp__(.+?)(?:__)?$/.exec(item.namespace ?? '')?.[1];
    const named = server === undefined ? namedCall(item.name, agent) : { name: item.name, mcp: { server, tool: item.name } };
    const writes = item.name === 'apply_patch' ? patchedFiles(item.input ?? item.arguments) : writesOfName(item.name);
    return [{ ...named, writes: named.mcp ? 0 : writes, command: commandOf(item) }];
  }
  if (!item.type.endsWith('_call')) return [];
  return [{ name: item.type.slice(0, -'_call'.length), writes: 0, command: item.action?.command?.join?.(' ') }];
}

/** `.added` and `.done` and retries name the same call. */
function distinct(items) {
  return [...new Map(items.map((item) => [item.call_id ?? item.id, item])).values()];
}

function namedCall(name, agent) {
  const parts = name.split('__');
  if (name.startsWith('mcp__')) return parts.length > 2 ? { name, mcp: { server: parts[1], tool: parts.slice(2).join('__') } } : { name };
  return agent === 'grok' && parts.length > 1 ? { name, mcp: { server: parts[0], tool: parts.slice(1).join('__') } } : { name };
}

function commandOf({ name, arguments: text, input }) {
  if (name === 'exec') return input;
  if (!['exec_command', 'shell', 'shell_command', 'run_terminal_command'].includes(name)) return undefined;
  const args = parse(text ?? '');
  const command = args?.cmd ?? args?.command;
  return Array.isArray(command) ? command.join(' ') : command;
}

/** `Edit` on a Responses line is the host's alias of a patch. */
function writesOfName(name) {
  return ['Write', 'Edit', 'MultiEdit', 'NotebookEdit', 'write', 'search_replace', 'apply_patch'].includes(name) ? 1 : 0;
}

function patchedFiles(patch) {
  return String(patch).split('\n').filter((row) => /^\*\*\* (?:Add|Update|Delete) File: /.test(row)).length;
}

/** The terminal event's response object, or the body of an answer that was not streamed. */
function responseOf(terminal, res) {
  return terminal?.response ?? (Array.isArray(res) ? undefined : res);
}

/** Commands in the newest user message: `NAME`, `/NAME` or, from newer clients, `NAME is running…`. */
function userCommands(req) {
  const message = (req?.messages ?? []).findLast(({ role }) => role === 'user');
  const texts = typeof message?.content === 'string' ? [message.content] : (message?.content ?? []).map(({ text }) => text ?? '');
  return texts.flatMap((text) => [...text.matchAll(/<command-message>([^<]*)<\/command-message>/g)].map(([, words]) => commandName(words))).filter((name) => name !== '');
}

function commandName(words) {
  return words.trim().split(/\s/, 1)[0].replace(/^\//, '');
}

function permissionModeOf(req) {
  const texts = (Array.isArray(req?.input) ? req.input : [])
    .filter(({ role }) => role === 'developer')
    .flatMap(({ content }) => (typeof content === 'string' ? [content] : content.map(({ text }) => text ?? '')))
    .filter((text) => text.includes('<permissions instructions>'));
  if (texts.length === 0) return undefined;
  const text = texts.at(-1);
  const policy = /Approval policy is currently ([a-z-]+)/.exec(text)?.[1];
  if (policy === 'unless-trusted') return 'untrusted';
  return policy === 'never' && /`sandbox_mode` is `danger-full-access`/.test(text) ? 'full-access' : policy;
}

function parse(text) {
  try {
    return JSON.parse(String(text));
  } catch {
    return String(text);
  }
}

const TOKEN_COUNTS = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];
const TERMINAL = new Set(['response.completed', 'response.done', 'response.failed', 'response.incomplete']);
const SIDE_AGENTS = new Set(['title-generator', 'name-generator', 'title', 'summarizer', 'web-search']);
const SENTINEL_SESSIONS = new Set(['direct-api', 'codex-raw', 'grok-raw', 'unknown', null]);
const BUILTIN_COMMANDS = new Set([
  'clear', 'resume', 'compact', 'help', 'status', 'fast', 'init', 'doctor', 'login', 'logout', 'config', 'memory', 'permissions',
]);

module.exports = { groundTruth, GroundTruth };
