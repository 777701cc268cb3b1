'use strict';

// The comparison: the OpenTelemetry JS SDK, which records the same metrics as the addon, on the JS thread.
// It is written to be fast: attribute objects are made once per combination, attribute values are looked up
// in maps, and every cardinality limit is one `Map`.

const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-proto');
const { MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { ValueType } = require('@opentelemetry/api');
const catalog = require('./catalog');
const turnOf = require('./js-turn');

const OTHER = 'other';
const UNKNOWN = 'unknown';
const CUSTOM = 'custom';
const OVERFLOW = '_overflow_';
const TOOL_COUNT = { type: 'tool_count' };

const NO_SESSION = new Set(['direct-api', 'codex-raw', 'grok-raw']);

/** The bucket bounds of the addon. */
const SECONDS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 120, 300, 600];
const PERCENT = [5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 100];
const CALLS = [0, 1, 2, 3, 4, 5, 8, 12, 20, 40];
/** The most series of one metric in the addon. */
const MAX_SERIES = 600;
const MAX_SESSIONS = 10_000;

/**
 * A running comparison, with the functions of the addon.
 *
 * @typedef {object} JsSdk
 * @property {(entry: object) => void} record one finished turn, already parsed
 * @property {() => Promise<void>} flush exports all measurements
 * @property {() => Promise<void>} shutdown flushes and stops the timer
 */

/**
 * @param {{url: string, intervalMs: number, rawNames?: boolean}} options `url` is the whole metrics URL;
 *   `rawNames` keeps unknown names, as the addon does at tier 2
 * @returns {JsSdk}
 */
function start({ url, intervalMs, rawNames = false }) {
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url, compression: 'gzip' }),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, 10_000),
    // The cardinality limits below apply first, as in the addon.
    cardinalityLimits: { default: 10_000 },
  });
  const provider = new MeterProvider({ readers: [reader] });
  const record = recorder(provider.getMeter('ccxray'), rawNames);
  return { record, flush: () => provider.forceFlush(), shutdown: () => provider.shutdown() };
}

function recorder(meter, rawNames) {
  const m = instruments(meter);
  const known = (set) => (name) => (rawNames || set.has(name) ? name : CUSTOM);
  const models = limited(20, (name) => catalog.familyOf(name) ?? (rawNames ? name : OTHER));
  const tools = limited(50, known(catalog.TOOLS));
  const servers = limited(30, known(catalog.MCP_SERVERS));
  const mcpTools = limited(50, known(new Set()));
  const skills = limited(50, known(catalog.SKILLS));
  const agents = limited(20, known(catalog.AGENT_TYPES));
  const scopes = new Map();
  const sessions = new Set();
  const contexts = new Map();
  const mcpSeries = { servers: new Map(), count: 0 };

  m.hitRatio.addCallback((result) => {
    for (const scope of scopes.values()) {
      if (scope.context > 0) result.observe(scope.cacheRead / scope.context, scope.attributes);
    }
  });

  return (entry) => {
    const kind = turnOf.kindOf(entry);
    if (kind === 'probe') return;
    const served = turnOf.providerOf(entry);
    const scope = scopeOf(scopes, served, entry.model ? models(entry.model) : UNKNOWN);
    const scan = Array.isArray(entry.res) ? turnOf.scanEvents(entry.res) : null;
    const isSocket = entry.responseMetadata?.transport === 'websocket';
    const isTrusted = !isSocket || scan?.ended === true;

    const usage = isTrusted && entry.usage ? entry.usage : null;
    if (usage !== null) {
      recordTokens(m, scope, usage);
      recordCost(m, scope, entry, usage);
    }
    recordTimes(m, scope, entry, scan);
    recordOutcome(m, scope, entry, scan, isSocket);
    if (kind === 'side') return;

    const { byProvider, attributes } = scope;
    const isSub = turnOf.isSubagent(entry);
    m.turns.add(1, byProvider);
    m.agents.add(1, cached(scope.agents, 'type', entry.agentKey ? agents(entry.agentKey) : UNKNOWN));
    if (isSub) m.subagents.add(1);
    if (isTrusted && entry.stopReason && entry.stopReason !== 'in_progress') {
      const reason = catalog.STOP_REASONS.has(entry.stopReason) ? entry.stopReason : OTHER;
      m.stops.add(1, cached(scope.stops, 'reason', reason));
      if (reason === 'max_tokens' || scan?.stopDetail === 'max_output_tokens') m.maxTokens.add(1, scope.byModel);
    }
    const failed = turnOf.failedResults(entry);
    if (failed > 0) m.failures.add(failed, byProvider);
    newSession(m, sessions, entry.sessionId, byProvider);
    if (!isSub && usage !== null) recordContext(m, contexts, entry, usage);

    const seen = scan ?? turnOf.callsFromFields(entry);
    if (seen === null) return;
    m.toolsPerTurn.record(seen.calls.length);
    if (seen.writes > 0) m.writes.add(seen.writes);
    for (const { name, server } of seen.calls) {
      if (server === undefined) {
        m.tools.add(1, pair(scope.tools, 'tool', tools(name), 'provider', attributes.provider));
        if (!catalog.TOOLS.has(name)) m.unknownTools.add(1, byProvider);
      } else {
        const full = tools(rawNames ? `mcp__${server}__${name}` : CUSTOM);
        m.tools.add(1, pair(scope.tools, 'tool', full, 'provider', attributes.provider));
        m.mcp.add(1, mcpAttributes(mcpSeries, servers(server), mcpTools(name)));
      }
    }
    if (scan === null) return;
    if (turnOf.isMiscounted(entry, scan)) {
      m.reconciliations.add(1, TOOL_COUNT);
      m.mismatches.add(1, TOOL_COUNT);
    }
    for (const skill of scan.skills) {
      m.skills.add(1, pair(scope.skills, 'skill', skills(skill), 'provider', attributes.provider));
    }
    for (const pattern of scan.dangers) m.dangers.add(1, cached(scope.dangers, 'pattern', pattern));
  };
}

function instruments(meter) {
  const counter = (name, unit) => meter.createCounter(`ccxray.${name}`, { unit, valueType: ValueType.INT });
  const histogram = (name, unit, explicitBucketBoundaries) =>
    meter.createHistogram(`ccxray.${name}`, { unit, advice: { explicitBucketBoundaries } });
  return {
    input: counter('tokens.input_total', '{token}'),
    output: counter('tokens.output_total', '{token}'),
    cacheRead: counter('tokens.cache_read_total', '{token}'),
    cacheCreation: counter('tokens.cache_creation_total', '{token}'),
    cost: meter.createCounter('ccxray.cost.usd_total', { unit: '{USD}' }),
    unpriced: counter('cost.unpriced_total', '{turn}'),
    hitRatio: meter.createObservableGauge('ccxray.cache.hit_ratio', { unit: '1' }),
    tools: counter('tool.invocations_total', '{call}'),
    mcp: counter('mcp.invocations_total', '{call}'),
    skills: counter('skill.activations_total', '{activation}'),
    sessions: counter('sessions_total', '{session}'),
    agents: counter('agent_type.invocations_total', '{turn}'),
    turns: counter('provider.distribution_total', '{turn}'),
    errors: counter('errors_total', '{error}'),
    stops: counter('stop_reason_total', '{turn}'),
    latency: histogram('latency_ms', '', SECONDS.map((seconds) => seconds * 1000)),
    duration: histogram('request.duration', 's', SECONDS),
    firstToken: histogram('request.time_to_first_token', 's', SECONDS),
    maxTokens: counter('max_tokens_hit_total', '{turn}'),
    failures: counter('tool.failures_total', '{result}'),
    contextUse: histogram('context.utilization_pct', '', PERCENT),
    compactions: counter('auto_compact.triggered_total', '{compaction}'),
    subagents: counter('subagent.invocations_total', '{turn}'),
    toolsPerTurn: histogram('tools_per_turn', '{call}', CALLS),
    dangers: counter('dangerous_tool.invocations_total', '{call}'),
    writes: counter('file_writes_total', '{write}'),
    unknownTools: counter('parser.unknown_tool_total', ''),
    reconciliations: counter('parser.reconciliation_mismatch_total', ''),
    mismatches: counter('invariants.parser_mismatch_total', ''),
    truncated: counter('invariants.sse_truncated_total', ''),
  };
}

function recordTokens(m, scope, usage) {
  const { attributes } = scope;
  const cacheRead = usage.cache_read_input_tokens;
  const created = usage.cache_creation_input_tokens;
  if (isNumber(usage.input_tokens)) m.input.add(usage.input_tokens, attributes);
  if (isNumber(usage.output_tokens)) m.output.add(usage.output_tokens, attributes);
  if (isNumber(cacheRead)) m.cacheRead.add(cacheRead, attributes);
  if (isNumber(created)) {
    const short = usage.cache_creation?.ephemeral_5m_input_tokens ?? NaN;
    const long = usage.cache_creation?.ephemeral_1h_input_tokens ?? NaN;
    if (short + long === created) {
      m.cacheCreation.add(short, scope.ttl5m);
      m.cacheCreation.add(long, scope.ttl1h);
    } else {
      m.cacheCreation.add(created, scope.ttlUnknown);
    }
  }
  if (isNumber(usage.input_tokens)) {
    scope.cacheRead += cacheRead ?? 0;
    scope.context += usage.input_tokens + (cacheRead ?? 0) + (created ?? 0);
  }
}

function recordCost(m, scope, entry, usage) {
  const usd = entry.cost?.cost;
  const isCounted = isNumber(usage.input_tokens) || isNumber(usage.output_tokens);
  if (isNumber(usd) && isCounted) m.cost.add(usd, scope.attributes);
  else m.unpriced.add(1, scope.attributes);
}

function recordTimes(m, scope, entry, scan) {
  const ms = turnOf.latencyMs(entry, scan);
  if (ms >= 0) {
    m.latency.record(ms, scope.attributes);
    m.duration.record(ms / 1000, scope.attributes);
  }
  if (scan !== null && scan.firstDeltaMs > 0) {
    m.firstToken.record((scan.firstDeltaMs - entry.receivedAt) / 1000, scope.attributes);
  }
}

function recordOutcome(m, scope, entry, scan, isSocket) {
  const isOk = (entry.status >= 200 && entry.status < 300) || entry.status === 101;
  let type = scan?.errorType ?? entry.res?.error?.type;
  if (type === undefined && entry.status >= 400) type = `http_${entry.status}`;
  if (type !== undefined) {
    const known = catalog.ERROR_TYPES.has(type) || type.startsWith('http_') ? type : OTHER;
    m.errors.add(1, pair(scope.errors, 'type', known, 'provider', scope.attributes.provider));
  } else if (scan !== null && !scan.ended && isOk && (entry.isSSE || isSocket)) {
    m.truncated.add(1, scope.byProvider);
  }
}

function recordContext(m, contexts, entry, usage) {
  if (!isNumber(usage.input_tokens) || !entry.maxContext) return;
  const used = usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
  m.contextUse.record((used / entry.maxContext) * 100);
  const before = contexts.get(entry.sessionId);
  if (before === undefined) {
    if (contexts.size >= MAX_SESSIONS) contexts.delete(contexts.keys().next().value);
    contexts.set(entry.sessionId, { messages: entry.msgCount, used });
    return;
  }
  const isShorter = before.messages - entry.msgCount >= 5;
  if (isShorter && before.used - used > 0.15 * entry.maxContext) m.compactions.add(1, { trigger: UNKNOWN });
  before.messages = entry.msgCount;
  before.used = used;
}

function newSession(m, sessions, id, attributes) {
  if (!id || NO_SESSION.has(id) || sessions.has(id)) return;
  if (sessions.size >= MAX_SESSIONS) sessions.delete(sessions.values().next().value);
  sessions.add(id);
  m.sessions.add(1, attributes);
}

function isNumber(value) {
  return typeof value === 'number';
}

/** The fixed values for one provider and model: attribute objects and bound instruments. */
function scopeOf(scopes, provider, model) {
  const key = `${provider}\n${model}`;
  let scope = scopes.get(key);
  if (scope === undefined) {
    const attributes = { provider, model };
    scope = {
      attributes, byProvider: { provider }, byModel: { model }, cacheRead: 0, context: 0,
      ttl5m: { ...attributes, ttl: '5m' }, ttl1h: { ...attributes, ttl: '1h' },
      ttlUnknown: { ...attributes, ttl: UNKNOWN },
      agents: new Map(), stops: new Map(), dangers: new Map(), tools: new Map(), skills: new Map(), errors: new Map(),
    };
    scopes.set(key, scope);
  }
  return scope;
}

function cached(map, name, value) {
  let attributes = map.get(value);
  if (attributes === undefined) {
    attributes = { [name]: value };
    map.set(value, attributes);
  }
  return attributes;
}

function pair(map, name, value, otherName, otherValue) {
  let attributes = map.get(value);
  if (attributes === undefined) {
    attributes = { [name]: value, [otherName]: otherValue };
    map.set(value, attributes);
  }
  return attributes;
}

/** The one metric whose cardinality limits multiply to more series than a metric may have. */
function mcpAttributes(series, server, tool) {
  let tools = series.servers.get(server);
  if (tools === undefined) {
    tools = new Map();
    series.servers.set(server, tools);
  }
  let attributes = tools.get(tool);
  if (attributes === undefined) {
    attributes = series.count < MAX_SERIES ? { server, tool } : { server: OVERFLOW, tool: OVERFLOW };
    series.count += 1;
    tools.set(tool, attributes);
  }
  return attributes;
}

/** At most `limit` different values; later ones are `_overflow_`. The value of each name is looked up once. */
function limited(limit, valueOf) {
  const values = new Map();
  const kept = new Set();
  return (name) => {
    let value = values.get(name);
    if (value === undefined) {
      value = valueOf(name);
      if (!kept.has(value)) {
        if (kept.size >= limit) value = OVERFLOW;
        else kept.add(value);
      }
      if (values.size < MAX_SESSIONS) values.set(name, value);
    }
    return value;
  };
}

module.exports = { start };
