'use strict';

const { claudeAnswer } = require('./claude-answer');
const { claudeRequest, excerptOf } = require('./claude-request');
const { nextSteps } = require('./compaction-steps');
const { marked } = require('./messages');
const { resultsOf } = require('./results');
const { CLAUDE_MODELS, TEXTS } = require('./lexicon');

const WINDOW = 200_000;

/**
 * A session of Claude Code or of an agent built on its SDK: the main conversation, which grows and is compacted, its sub-agents and
 * side requests.
 */
class ClaudeSession {
  #random;
  #id;
  #at;
  #model;
  #steps = [];
  #msgCount;
  #context;
  #summary;
  #summaries = 0;
  #key;
  #version;
  /** The calls of the main agent that enter or leave plan mode, whose results come with its next request. */
  #planCalls = [];
  /** The request that the upstream rejected and the client will repeat. */
  #rejected;

  /**
   * @param {import('../traffic/random').Random} random
   * @param {number} at Unix milliseconds
   */
  constructor(random, at) {
    this.#random = random;
    this.#at = at;
    this.#id = random.weighted([[random.uuid4(), 95], ['direct-api', 3], [null, 2]]);
    this.#model = random.weighted(CLAUDE_MODELS);
    this.#msgCount = random.weighted([[1, 6], [2, 1], [random.int(3, 60), 3]]);
    this.#context = random.int(5000, 160_000);
    this.#summary = random.chance(0.15) ? this.#nextSummary() : undefined;
    this.#key = random.weighted(MAIN_KEYS);
    this.#version = random.pick(['2.1.206', '2.1.197.0ab', '2.2.0', '3.0.1', '2.1.81.df2', '1.9.200']);
  }

  /** @returns {{entry: object, request: object, excerpt: object, response: *, headers?: object}} the next entry */
  next() {
    const random = this.#random;
    if (random.chance(0.1)) return this.#entry({ ...subagent(random), isHelper: true }, { name: 'plain', isManual: false });
    if (random.chance(0.04)) return this.#entry(random.pick(SIDES), { name: 'plain', isManual: false });
    if (this.#steps.length === 0) this.#steps = nextSteps(random, this.#context / WINDOW);
    const step = this.#steps.shift();
    if (step.name === 'summary') return this.#entry({ agentKey: 'summarizer', isSubagent: true }, step);
    return this.#main(step);
  }

  #main(step) {
    const random = this.#random;
    if (step.name === 'continue') {
      this.#summary = this.#nextSummary();
      this.#msgCount = random.weighted([[1, 3], [2, 2], [3, 4], [7, 1]]);
    }
    if (step.name === 'drop') this.#msgCount = random.pick([1, 3, 4]);
    if (step.name === 'rewind') this.#msgCount = Math.max(1, this.#msgCount - random.int(2, 4));
    if (step.name === 'continue' || step.name === 'drop') this.#context = random.int(4000, 30_000);
    const record = this.#entry({ ...this.#key }, step);
    this.#planCalls = record.planCalls;
    if (record.succeeded && step.name !== 'ask') {
      this.#msgCount += 2;
      this.#context += random.weighted([[random.int(100, 6000), 3], [random.int(6000, 60_000), 1]]);
    }
    return record;
  }

  #entry(who, step) {
    const random = this.#random;
    this.#at += random.int(500, 60_000);
    if (random.chance(0.04)) this.#model = random.weighted(CLAUDE_MODELS);
    const { prompt, isHelper, ...identity } = who;
    const isMain = this.#key.agentKey === identity.agentKey;
    // Newer versions say in the request that it is a helper's. So do headers, if the host has them.
    const word = isHelper && !this.#version.startsWith('1.') && random.chance(0.8) ? ' cc_is_subagent=true;' : '';
    const request = (isMain && this.#rejected) || claudeRequest(random, {
      step,
      summary: this.#summary,
      msgCount: this.#msgCount,
      prompt,
      billing: `x-anthropic-billing-header: cc_version=${this.#version}; cc_entrypoint=cli;${word}`,
      hasNotes: NOTED.test(this.#model),
    });
    const { fields, headers, response, succeeded, blocks = [] } = claudeAnswer(random, {
      at: this.#at,
      model: this.#model,
      context: this.#context,
      mustFail: step.name === 'fail',
      results: resultsOf(random, isMain ? this.#planCalls : []),
    });
    const requestHeaders = random.chance(0.3) ? { 'X-Claude-Code-Session-Id': 'made-up', ...(word && { 'x-claude-code-agent-id': 'made-up' }) } : undefined;
    const entry = {
      ...fields,
      method: 'POST',
      url: '/v1/messages?beta=true',
      provider: 'anthropic',
      agent: 'claude',
      model: this.#model,
      msgCount: this.#msgCount,
      toolCount: 31,
      toolCalls: { Bash: 40, AcmeDeploy: 2 },
      skillCalls: { release: 3 },
      isSubagent: false,
      sessionInferred: false,
      cwd: '/home/dev/購物車',
      sessionId: this.#id,
      maxContext: WINDOW,
      title: random.pick(TEXTS),
      thinkingDuration: -2,
      toolFail: true,
      ...identity,
    };
    if (isMain) this.#rejected = fields.status >= 400 && random.chance(0.7) ? request : undefined;
    const planCalls = blocks.filter(({ name }) => name?.endsWith('PlanMode')).map(({ id }) => id);
    return { entry, request, excerpt: excerptOf(request), response, headers, requestHeaders, succeeded, planCalls };
  }

  #nextSummary() {
    this.#summaries += 1;
    return marked(this.#random, 'continuation', `that was number ${this.#summaries} of ${this.#id}.`);
  }
}

/** Models for which the client writes messages of role `system`. */
const NOTED = /opus-4[-.]8|opus-5|sonnet-5|fable/;

/** How the host reports the main agent: by name, by its flag, or not at all. */
const MAIN_KEYS = [
  [{ agentKey: 'orchestrator' }, 60],
  [{ agentKey: 'sdk-agent' }, 10],
  [{ agentKey: 'default' }, 2],
  [{ agentKey: 'orchestrator', isSubagent: true }, 3],
  [{ agentKey: 'agent' }, 3],
  [{ agentKey: 'okapi-keeper', prompt: 'You are an okapi keeper.' }, 6],
  [{ agentKey: null, prompt: ' You are an interactive agent that helps users.' }, 6],
  [{ agentKey: undefined, prompt: 'You are a release captain.' }, 4],
];

function subagent(random) {
  return random.pick([
    { agentKey: 'explore', isSubagent: true },
    { agentKey: 'general-purpose', isSubagent: false },
    { agentKey: 'plan', isSubagent: true },
    { agentKey: 'acme-release-captain', isSubagent: false },
    { agentKey: 'agent', isSubagent: true },
    { agentKey: null, isSubagent: true, prompt: 'You are a release captain.' },
    { agentKey: null, isSubagent: false, prompt: '\nYou are a file search specialist for the shop.' },
  ]);
}

const SIDES = [
  { agentKey: 'title-generator', isSubagent: true },
  { agentKey: 'name-generator', isSubagent: true },
  { agentKey: 'web-search', isSubagent: true },
  { agentKey: null, isSubagent: true, prompt: 'Generate a concise title.' },
];

module.exports = { ClaudeSession };
