'use strict';

const catalog = require('./catalog');
const { Totals } = require('../otlp/totals');
const { CardinalityLimits } = require('./cardinality-limits');
const { mcpOf } = require('./calls');
const { Compactions } = require('./compactions');
const { costOf } = require('./cost');
const { factsOf } = require('./facts');
const { Modes } = require('./modes');
const { quotasOf } = require('./quota');
const { readRecord } = require('./record');
const { isTyped, newestMessage, textsOf } = require('./request');
const { sentinelsOf } = require('./sentinels');
const { Skills } = require('./skills');
const { firstTokenOf, latencyOf } = require('./time');
const { cacheWrites, isKnownToBeNothing, tokensOf } = require('./usage');
const { contextTokens } = require('./usage-block');

/**
 * The expected totals at tier 1, derived a second time and as plainly as possible from ccxray's data contract. It shares
 * no code with the addon. If the two disagree, one of them misreads the contract.
 *
 * @param {Iterable<{line: string, parts?: {response?: string, request?: string, headers?: object, requestHeaders?: object}}>} records index lines
 *   with their parts, or whole entries as `line`
 * @returns {Totals} of one launch at tier 1
 */
function referenceTotals(records) {
  const reference = new Reference();
  for (const record of records) reference.add(record);
  return reference.totals;
}

/** The reference implementation, for records that arrive one by one. */
class Reference {
  totals = new Totals();
  /** The anomalies with an unknown name, in order: `{category, provider, name}`. */
  drift = [];
  #limits = new CardinalityLimits();
  #sessions = new Set();
  #skills = new Skills();
  #modes = new Modes();
  #compactions = new Compactions();
  /** Cache reads and all input, by provider and model. */
  #cache = new Map();

  constructor() {
    this.totals.add('ccxray.otel.tier_distribution', { tier: 1 });
  }

  /** Counts one record. */
  add(record) {
    const read = readRecord(record);
    if (read === undefined) {
      this.#count('ccxray.parser.error_total', { parser: 'entry', error_type: 'malformed_json' });
      this.#count('ccxray.otel.entries_dropped_total', { reason: 'malformed' });
      return;
    }
    const facts = factsOf(read);
    const { kind, provider, error, headers } = facts;
    if (kind === 'probe') return;
    for (const [window, used] of quotasOf(headers, facts.events)) this.totals.set('ccxray.quota.utilization_ratio', { window, provider }, used);
    if (error !== undefined) this.#count('ccxray.errors_total', { type: error.type, provider });
    if (kind === 'transport') return;
    this.#call(facts);
    this.#compaction(facts);
    const reportedMode = kind === 'turn' ? this.#turn(facts) : undefined;
    const sentinels = Array.from(sentinelsOf(facts, reportedMode));
    for (const { metric, attributes, drift, times } of sentinels) {
      this.#count(metric, attributes, times);
      if (drift !== undefined) this.drift.push({ category: drift.category, provider, name: drift.name });
    }
    const degraded = sentinels.some(({ isFigure }) => !isFigure) ? { 'ccxray.parser.degraded': true } : {};
    if (kind === 'turn') this.#count('ccxray.provider.distribution_total', { provider, ...degraded });
  }

  /** Counts what every model call has, including side requests. */
  #call({ entry, provider, model, usage, events, isTruncated }) {
    const who = { provider, model };
    if (usage !== undefined) this.#usage(entry, who, usage);
    const latencyMs = latencyOf(entry, events);
    if (latencyMs !== undefined) {
      this.#observe('ccxray.latency_ms', who, latencyMs);
      this.#observe('ccxray.request.duration', who, latencyMs / 1000);
    }
    const firstMs = firstTokenOf(entry, events);
    if (firstMs !== undefined) this.#observe('ccxray.request.time_to_first_token', who, firstMs / 1000);
    if (isTruncated) this.#count('ccxray.invariants.sse_truncated_total', { provider });
  }

  #usage(entry, who, usage) {
    const { usd } = costOf(entry, usage);
    const { input, output } = usage.counts;
    this.#tokens(who, usage.counts);
    if (usd !== undefined && (input !== undefined || output !== undefined || usd > 0)) this.#count('ccxray.cost.usd_total', who, usd);
    else if (!isKnownToBeNothing(usage.counts)) this.#count('ccxray.cost.unpriced_total', who);
    for (const { model, counts } of usage.others) {
      const other = { ...who, model: catalog.modelFamily(model) };
      this.#tokens(other, counts);
      this.#count('ccxray.cost.unpriced_total', other);
    }
  }

  #tokens(who, counts) {
    for (const [metric, tokens] of tokensOf(counts)) this.#count(metric, who, tokens);
    for (const [ttl, tokens] of cacheWrites(counts)) this.#count('ccxray.tokens.cache_creation_total', { ...who, ttl }, tokens);

    // A usage without cache reads is no evidence about the cache.
    if (counts.input === undefined || counts.read === undefined) return;
    const key = JSON.stringify(who);
    const cache = this.#cache.get(key) ?? { read: 0, all: 0 };
    cache.read += counts.read;
    cache.all += contextTokens(counts);
    this.#cache.set(key, cache);
    if (cache.all > 0) this.totals.set('ccxray.cache.hit_ratio', who, cache.read / cache.all);
  }

  /** @returns {string|undefined} the permission mode in the turn's own request */
  #turn(facts) {
    const { entry, provider, model, usage, agent, isSubagent } = facts;
    this.#count('ccxray.agent_type.invocations_total', { type: agent.type });
    if (isSubagent) this.#count('ccxray.subagent.invocations_total', {});
    if (facts.session !== undefined && !this.#sessions.has(facts.session)) {
      this.#sessions.add(facts.session);
      this.#count('ccxray.sessions_total', { provider });
    }
    const reason = catalog.stopReason(facts.stopReason);
    if (reason !== undefined) this.#count('ccxray.stop_reason_total', { reason });
    if (facts.hitMaxTokens) this.#count('ccxray.max_tokens_hit_total', { model });
    for (const { toolFail } of entry.turnToolResults ?? []) {
      if (toolFail === true && !facts.isRejected) this.#count('ccxray.tool.failures_total', { provider });
    }
    if (!isSubagent && usage?.counts.input !== undefined && usage.context > 0 && facts.window !== undefined) {
      this.#observe('ccxray.context.utilization_pct', {}, (usage.context / facts.window) * 100);
    }
    if (facts.calls !== undefined) this.#tools(facts);
    this.#activations(facts);
    return this.#permissions(facts);
  }

  #tools({ entry, provider, calls }) {
    this.#observe('ccxray.tools_per_turn', {}, calls.reduce((sum, { times = 1 }) => sum + times, 0));
    for (const { name, times = 1, mcp, inner = [], writes, command, commands = [] } of calls) {
      this.#count('ccxray.tool.invocations_total', { tool: mcp ? 'custom' : catalog.toolName(name), provider }, times);
      for (const { server, tool } of [mcp, ...inner.map((called) => mcpOf(called, entry.agent))].filter((one) => one !== undefined)) {
        this.#count('ccxray.mcp.invocations_total', { server: catalog.mcpServer(server), tool: catalog.mcpTool(tool) }, times);
      }
      if (writes > 0) this.#count('ccxray.file_writes_total', {}, writes * times);
      const patterns = [command, ...commands].filter((text) => typeof text === 'string').flatMap(catalog.dangerClasses);
      for (const pattern of new Set(patterns)) this.#count('ccxray.dangerous_tool.invocations_total', { pattern });
    }
  }

  /** Counts skills that the model calls, or that the user activates with a command that is not built into the client. */
  #activations({ session, provider, req, calls = [], commands, isRejected, isSubagent }) {
    const activated = this.#skills.activated({
      session: isSubagent ? undefined : session,
      commands: commands.names,
      isRejected,
      hasTyped: isTyped(req) && textsOf(newestMessage(req)).some((text) => text.trim() !== ''),
      called: calls.map(({ skill }) => skill).filter((skill) => skill !== undefined),
    });
    for (const skill of activated) this.#count('ccxray.skill.activations_total', { skill: catalog.skillName(skill), provider });
  }

  #permissions(facts) {
    const { mode, policy } = this.#modes.of(facts);
    if (mode !== undefined) this.#count('ccxray.permission_mode.usage_total', { mode: catalog.permissionMode(mode) });
    return policy;
  }

  #compaction(facts) {
    const { kind, agent, session, isSubagent, error, isTruncated } = facts;
    if (error !== undefined || isTruncated || session === undefined) return;
    const trigger = this.#compactions.triggerIn(facts, kind === 'turn' && !isSubagent, agent.role === 'summary');
    if (trigger !== undefined) this.#count('ccxray.auto_compact.triggered_total', { trigger });
  }

  #count(metric, attributes, amount = 1) {
    this.totals.add(metric, this.#limited(metric, attributes), amount);
  }

  #observe(metric, attributes, value) {
    this.totals.observe(metric, this.#limited(metric, attributes), value);
  }

  #limited(metric, attributes) {
    const { attributes: limited, overflowed } = this.#limits.apply(metric, attributes);
    for (const attribute of overflowed) this.totals.add('ccxray.metrics.overflow_total', { metric, attribute });
    return limited;
  }
}

module.exports = { referenceTotals, Reference };
