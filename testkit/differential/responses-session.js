'use strict';

const { metadataOf } = require('./codex-metadata');
const { nextSteps } = require('./compaction-steps');
const { marked } = require('./messages');
const { responsesAnswer } = require('./responses-answer');
const { collaborationHeading, excerptOf, permissionsText, responsesRequest } = require('./responses-request');
const { transportOnly } = require('./transport');
const { CODEX_MODELS, GROK_MODELS, TEXTS } = require('./lexicon');

const WINDOW = 200_000;

/** A session of Codex, over HTTP or over one socket after another, or of Grok, with its helpers and side requests. */
class ResponsesSession {
  #random;
  #kind;
  #agent;
  #id;
  #at;
  #models;
  #model;
  #steps = [];
  #msgCount;
  #context;
  #summary;
  #summaries = 0;
  #permissions;
  #collaboration;
  /** Whether the server compacts the conversation, and what it made of it. */
  #isRemote;
  #compacted;
  #windowNumber = 0;
  /** Whether this version of Codex describes its requests. */
  #saysMuch;
  #planCalls = [];
  #socket;
  #isFirst = true;
  #key;

  /**
   * @param {import('../traffic/random').Random} random
   * @param {number} at Unix milliseconds
   * @param {'codex'|'codex_ws'|'grok'} kind
   */
  constructor(random, at, kind) {
    this.#random = random;
    this.#kind = kind;
    this.#agent = kind === 'grok' ? 'grok' : 'codex';
    this.#at = at;
    this.#id = random.weighted([[random.uuid7(at), 95], [`${this.#agent}-raw`, 4], [null, 1]]);
    this.#models = kind === 'grok' ? GROK_MODELS : CODEX_MODELS;
    this.#model = random.weighted(this.#models);
    this.#msgCount = random.weighted([[2, 6], [random.int(3, 60), 3]]);
    this.#context = random.int(5000, 160_000);
    this.#summary = random.chance(0.1) ? this.#nextSummary() : undefined;
    this.#permissions = this.#agent === 'codex' ? permissionsText(random) : undefined;
    this.#collaboration = this.#agent === 'codex' && random.chance(0.6) ? collaborationHeading(random) : undefined;
    this.#isRemote = this.#agent === 'codex' && random.chance(0.5);
    this.#saysMuch = this.#agent === 'codex' && random.chance(0.6);
    this.#socket = newSocket();
    this.#key = random.weighted(kind === 'grok' ? GROK_KEYS : CODEX_KEYS);
  }

  /** @returns {{entry: object, request: object, excerpt: object, response: *, headers?: object, requestHeaders?: object}} the next entry */
  next() {
    const random = this.#random;
    if (this.#kind === 'codex_ws' && random.chance(0.03)) {
      this.#socket = newSocket();
      return transportOnly(random, { at: this.#at, id: this.#id, model: this.#model, isRefused: random.chance(0.6) });
    }
    if (this.#kind === 'grok' && random.chance(0.03)) return this.#entry({ agentKey: 'title', sessionId: 'grok-raw' }, { name: 'plain' });
    if (this.#agent === 'codex' && random.chance(0.08)) return this.#entry(random.pick(HELPERS), { name: 'plain' });
    if (this.#saysMuch && random.chance(0.08)) return this.#entry(this.#beside(), { name: 'plain' });
    if (this.#steps.length === 0) this.#steps = nextSteps(random, this.#context / WINDOW).filter(({ name }) => name !== 'summary');
    return this.#main(this.#steps.shift() ?? { name: 'plain' });
  }

  /** A request beside the conversation. A title has a session of its own. */
  #beside() {
    const sender = this.#random.pick(['title', 'guardian', 'memory', 'prewarm']);
    return { agentKey: 'default', sender, ...(sender === 'title' && { sessionId: this.#random.uuid7(this.#at) }) };
  }

  #main(step) {
    const random = this.#random;
    if (step.name === 'continue' && this.#isRemote) {
      this.#windowNumber += 1;
      this.#compacted = `made up ${this.#windowNumber}`;
    } else if (step.name === 'continue') {
      this.#summary = this.#nextSummary();
    }
    if (step.name === 'continue' || step.name === 'drop') {
      this.#msgCount = random.pick([1, 2, 3, 6]);
      this.#context = random.int(4000, 30_000);
    }
    if (step.name === 'rewind') this.#msgCount = Math.max(1, this.#msgCount - 4);
    const record = this.#entry(this.#key, step);
    this.#planCalls = record.planCalls;
    if (record.succeeded && step.name !== 'ask') {
      this.#msgCount += 3;
      this.#context += random.weighted([[random.int(100, 6000), 3], [random.int(6000, 60_000), 1]]);
    }
    return record;
  }

  #entry(who, step) {
    const random = this.#random;
    const isSocket = this.#kind === 'codex_ws';
    this.#at += random.int(500, 60_000);
    if (random.chance(0.04)) this.#model = random.weighted(this.#models);
    const { instructions, sender = 'main', ...identity } = who;
    const isMain = who === this.#key;
    const isRemoteAsk = step.name === 'ask' && this.#isRemote;
    const { requestHeaders, client_metadata } = this.#saysMuch
      ? metadataOf(random, {
        sender,
        windowNumber: this.#windowNumber,
        trigger: random.pick(['auto', 'manual', undefined]),
        isCompaction: step.name === 'ask',
        isSocket,
      })
      : {};
    const request = this.#request(step, { instructions, client_metadata, isSocket });
    const { fields, headers, response, succeeded, items = [] } = responsesAnswer(random, {
      at: this.#at,
      model: this.#model,
      agent: this.#agent,
      context: this.#context,
      mustFail: step.name === 'fail',
      compacted: isRemoteAsk && random.chance(0.9) ? [{ id: `cmp_${random.hex(12)}`, type: 'compaction', encrypted_content: 'eA==' }] : undefined,
      answered: isMain ? this.#planCalls : [],
      socket: isSocket ? this.#socket : undefined,
    });
    const entry = {
      ...fields,
      method: isSocket ? 'GET' : 'POST',
      url: '/v1/responses',
      duplicateToolCalls: null,
      provider: this.#agent === 'grok' && random.chance(0.01) ? random.pick(['google', 'xai', null]) : 'openai',
      agent: this.#agent,
      model: this.#model,
      msgCount: isSocket ? random.int(1, 4) : this.#msgCount,
      toolCount: 14,
      isSubagent: false,
      sessionInferred: false,
      cwd: '/home/dev/shop',
      sessionId: this.#id,
      maxContext: this.#model === null ? null : WINDOW,
      title: random.pick(TEXTS),
      thinkingDuration: null,
      toolFail: false,
      toolSources: {},
      ...identity,
    };
    const planCalls = items.filter(({ name }) => name?.endsWith('_plan_mode')).map(({ call_id: id }) => id);
    return { entry, request, excerpt: excerptOf(request), response, headers, requestHeaders, succeeded, planCalls };
  }

  /** A user sometimes changes a mode. A socket has it only in the first frame, and after a change. */
  #request(step, { instructions, client_metadata, isSocket }) {
    const random = this.#random;
    const hasChanged = this.#agent === 'codex' && random.chance(0.05);
    if (hasChanged) {
      this.#permissions = permissionsText(random);
      this.#collaboration = collaborationHeading(random);
    }
    const saysIt = !isSocket || this.#isFirst || hasChanged;
    const saysSummary = !isSocket || step.name === 'continue' || this.#isFirst;
    this.#isFirst = false;
    return responsesRequest(random, {
      agent: this.#agent,
      step,
      instructions,
      client_metadata,
      isRemote: this.#isRemote,
      summary: saysSummary ? this.#summary : undefined,
      compacted: saysSummary ? this.#compacted : undefined,
      permissions: saysIt ? this.#permissions : undefined,
      collaboration: saysIt ? this.#collaboration : undefined,
    });
  }

  #nextSummary() {
    this.#summaries += 1;
    return marked(this.#random, 'continuation', `that was number ${this.#summaries} of ${this.#id}.`);
  }
}

function newSocket() {
  return { usage: null, stopReason: null };
}

const CODEX_KEYS = [
  [{ agentKey: 'default' }, 80],
  [{ agentKey: null }, 6],
  [{ agentKey: undefined, instructions: 'You are a release captain.' }, 4],
  [{ agentKey: 'acme-captain' }, 2],
];
const GROK_KEYS = [[{ agentKey: 'default' }, 20], [{ agentKey: null, instructions: '' }, 2]];

/** Helpers of Codex, which run in the session of the main conversation. */
const HELPERS = [
  { agentKey: 'default', isSubagent: true, sender: 'helper' },
  { agentKey: 'default', isSubagent: false, sender: 'helper' },
  { agentKey: 'default', isSubagent: false, sender: 'review' },
  { agentKey: 'explorer', isSubagent: true, sender: 'helper' },
  { agentKey: 'worker', isSubagent: false },
  { agentKey: null, instructions: 'You are a worker agent of the shop.' },
  { agentKey: 'acme-helper', isSubagent: true, sender: 'review' },
];

module.exports = { ResponsesSession };
