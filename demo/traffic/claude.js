'use strict';

const { ClaudeThread } = require('./claude-thread');
const { CLAUDE_TOOLS, COMMANDS, PROMPTS, SDK_TOOLS, SKILLS } = require('./lexicon');
const { prose } = require('./text');

/**
 * A session of Claude Code, or of an agent built on its SDK, as the proxy sees it.
 * @param {import('./random').Random} random
 * @param {{kind: 'claude'|'claude_sdk', startMs: number, turns: number, cwd: string}} plan
 * @yields {{entry: object, doneAt: number, request?: object, headers?: object, isTurn: boolean}} in order of `doneAt`
 *   within one conversation; parallel sub-agents are merged in that order
 */
function* claudeSession(random, plan) {
  const streaming = plan.kind === 'claude';
  const isRaw = !streaming && random.chance(0.2);
  const session = {
    id: isRaw ? 'direct-api' : random.uuid4(),
    cwd: plan.cwd,
    streaming,
    ttl: random.weighted([['1h', 5], ['5m', 3], [null, 2]]),
    isRaw,
  };
  const agent = streaming
    ? { key: 'orchestrator', label: 'Orchestrator', isSubagent: false, model: random.weighted(MAIN_MODELS) }
    : { key: 'sdk-agent', label: 'SDK Agent', isSubagent: false, model: random.weighted(SDK_MODELS) };
  const main = new ClaudeThread(random, session, agent);
  const quota = new Quota(random, streaming);
  let at = plan.startMs;
  let left = plan.turns;

  if (streaming) yield side(random, session, SIDE.title, at + 40);
  while (left > 0) {
    const prompt = nextPrompt(random);
    let request = streaming && random.chance(0.7) ? userRequest(prompt.texts) : undefined;
    for (let step = random.int(1, 14); step > 0 && left > 0; step -= 1) {
      const calls = step > 1 ? drawCalls(random, streaming, prompt) : [];
      prompt.skill = undefined;
      for (let attempt = 0; left > 0; attempt += 1) {
        const fate = attempt < 2 ? random.weighted(streaming ? STREAM_FATES : BODY_FATES) : 'ok';
        const turn = main.take({ at, calls, fate, durationMs: duration(random, fate) });
        left -= 1;
        yield { entry: attach(turn.entry, request), doneAt: turn.doneAt, request, headers: quota.headers(), isTurn: true };
        at = turn.doneAt + (turn.succeeded ? random.int(60, 900) : random.int(1000, 9000));
        if (turn.succeeded) break;
      }
      request = undefined;
      if (calls.some(({ name }) => name === 'WebSearch')) yield side(random, session, SIDE.webSearch, at);
      for (const record of subagents(random, session, calls, at, left)) {
        left -= 1;
        at = Math.max(at, record.doneAt + random.int(20, 200));
        yield record;
      }
      if (main.fill > AUTO_COMPACT_FILL) at = yield* compaction(random, session, main, at);
    }
    if (main.fill > 0.35 && random.chance(0.08)) {
      at = yield* compaction(random, session, main, at);
      if (left > 0) {
        const turn = main.take({ at, calls: [], fate: 'ok', durationMs: duration(random, 'ok') });
        const compacted = userRequest([command('compact'), random.pick(PROMPTS)]);
        left -= 1;
        at = turn.doneAt;
        yield { entry: attach(turn.entry, compacted), doneAt: turn.doneAt, request: compacted, isTurn: true };
      }
    }
    at += Math.round(random.logNormal(20_000, 240_000));
  }
}

/** Runs the sub-agents that these calls start at the same time, in order of completion. */
function subagents(random, session, calls, at, limit) {
  const records = [];
  for (let spawns = calls.filter(({ name }) => name === 'Agent').length; spawns > 0; spawns -= 1) {
    const agent = random.weighted(SUBAGENTS);
    const thread = new ClaudeThread(random, session, { ...agent, model: random.weighted(SUBAGENT_MODELS) });
    let startMs = at;
    for (let step = random.int(1, 5); step > 0; step -= 1) {
      const inner = step > 1 ? drawCalls(random, true, {}).filter(({ name }) => name !== 'Agent' && name !== 'WebSearch') : [];
      const fate = random.weighted(SUBAGENT_FATES);
      const turn = thread.take({ at: startMs, calls: inner, fate, durationMs: duration(random, fate) });
      records.push({ entry: turn.entry, doneAt: turn.doneAt, isTurn: true });
      startMs = turn.doneAt + random.int(40, 400);
    }
  }
  records.sort((a, b) => a.doneAt - b.doneAt);
  return records.slice(0, Math.max(0, limit));
}

function* compaction(random, session, main, at) {
  const record = side(random, session, SIDE.summary, at);
  yield record;
  main.compact();
  return record.doneAt + random.int(100, 500);
}

/** A side request of Claude Code. It has a cost, but is not a turn. */
function side(random, session, { key, label, model, blocks }, at) {
  const thread = new ClaudeThread(random, { ...session, streaming: true }, { key, label, isSubagent: true, model });
  const { entry, doneAt } = thread.take({ at, calls: blocks?.(random) ?? [], fate: 'ok', durationMs: Math.round(random.logNormal(1100, 2500)) });
  return { entry: { ...entry, sessionInferred: true }, doneAt, isTurn: false };
}

/** A user message: plain text, a skill's command, or a built-in command, which is not a skill. */
function nextPrompt(random) {
  const text = random.pick(PROMPTS);
  const kind = random.weighted([['plain', 88], ['skill', 9], ['builtin', 3]]);
  if (kind === 'plain') return { texts: [text] };
  if (kind === 'builtin') return { texts: [command(random.pick(['config', 'status'])), text] };
  const skill = random.pick(SKILLS);
  // Sometimes the model then calls the same skill with the Skill tool. Both together are one activation.
  return { texts: [command(skill), text], skill: random.chance(0.4) ? skill : undefined };
}

function command(name) {
  return `<command-message>${name}</command-message>\n<command-name>/${name}</command-name>`;
}

/** The part of a request that the host records: the newest user message. */
function userRequest(texts) {
  return { messages: [{ role: 'user', content: texts.map((text) => ({ type: 'text', text })) }] };
}

function attach(entry, request) {
  return request === undefined ? entry : { ...entry, req: request };
}

function drawCalls(random, streaming, { skill }) {
  const count = random.weighted([[1, 70], [2, 17], [3, 8], [5, 4], [9, 1]]);
  const calls = Array.from({ length: count }, () => call(random, random.weighted(streaming ? CLAUDE_TOOLS : SDK_TOOLS)));
  if (skill !== undefined) calls.unshift(toolUse(random, 'Skill', { skill, args: '' }));
  if (random.chance(0.02)) calls.push(serverSearch(random));
  if (random.chance(0.01)) calls.push({ ...toolUse(random, 'search', { query: 'carts' }), type: 'mcp_tool_use', server_name: 'notion' });
  return calls;
}

function call(random, name) {
  return toolUse(random, name, (INPUTS[name] ?? INPUTS.other)(random));
}

function toolUse(random, name, input) {
  return { type: 'tool_use', id: `toolu_01${random.hex(16)}`, name, input };
}

function serverSearch(random) {
  return { type: 'server_tool_use', id: `srvtoolu_01${random.hex(16)}`, name: 'web_search', input: { query: prose(random, 4) } };
}

/** Milliseconds until the response is complete: half of them below 7.7 s, 90 % below 37 s, none above 648 s. */
function duration(random, fate) {
  if (fate.startsWith('http_')) return random.int(150, 1900);
  return Math.min(648_000, Math.max(350, Math.round(random.logNormal(7700, 37_000))));
}

/** Rate-limit headers of the two kinds of account: the windows of a subscription, the limits of an API key. */
class Quota {
  #random;
  #isSubscription;
  #used;

  constructor(random, isSubscription) {
    this.#random = random;
    this.#isSubscription = isSubscription;
    this.#used = random.next() * 0.5;
  }

  headers() {
    if (!this.#random.chance(0.3)) return undefined;
    this.#used = Math.min(1, this.#used + this.#random.next() * 0.01);
    const share = this.#used.toFixed(2);
    if (this.#isSubscription) {
      return {
        'anthropic-ratelimit-unified-status': 'allowed',
        'anthropic-ratelimit-unified-5h-utilization': share,
        'anthropic-ratelimit-unified-5h-reset': '1768500000',
        'anthropic-ratelimit-unified-7d-utilization': (this.#used / 3).toFixed(2),
        'anthropic-ratelimit-unified-7d-reset': '1768900000',
      };
    }
    return {
      'anthropic-ratelimit-requests-limit': '1000',
      'anthropic-ratelimit-requests-remaining': String(Math.round(1000 * (1 - this.#used))),
      'anthropic-ratelimit-tokens-limit': '400000',
      'anthropic-ratelimit-tokens-remaining': String(Math.round(400_000 * (1 - this.#used))),
    };
  }
}

/** The share of the context window at which the client compacts automatically. */
const AUTO_COMPACT_FILL = 0.835;

const STREAM_FATES = [
  ['ok', 930], ['client_abort', 10], ['http_429', 12], ['http_529', 14], ['http_500', 3], ['http_502', 3], ['http_400', 2],
  ['error_event', 7], ['cut', 8], ['max_tokens', 6], ['refusal', 2], ['pause_turn', 2],
];
const BODY_FATES = [['ok', 960], ['http_429', 15], ['http_529', 10], ['http_500', 5], ['max_tokens', 10]];
const SUBAGENT_FATES = [['ok', 980], ['http_529', 10], ['max_tokens', 10]];

const MAIN_MODELS = [
  ['claude-opus-5', 30], ['claude-opus-5[1m]', 8], ['claude-sonnet-5', 30], ['claude-sonnet-4-6', 26], ['acme-gateway-coder-7b', 3],
];
const SDK_MODELS = [['claude-sonnet-5', 5], ['anthropic/claude-sonnet-4-6', 4], ['claude-haiku-4-5-20251001', 3]];
const SUBAGENT_MODELS = [['claude-haiku-4-5-20251001', 5], ['claude-sonnet-5', 4], ['claude-sonnet-4-6', 3], ['acme-gateway-coder-7b', 1]];

/** The host's flag misses some sub-agents, which only their key identifies. */
const SUBAGENTS = [
  [{ key: 'explore', label: 'Explore', isSubagent: true }, 50],
  [{ key: 'general-purpose', label: 'General Purpose', isSubagent: true }, 25],
  [{ key: 'general-purpose', label: 'General Purpose', isSubagent: false }, 6],
  [{ key: 'plan', label: 'Plan', isSubagent: true }, 10],
  [{ key: 'carts-migration-auditor', label: 'Carts Migration Auditor', isSubagent: true }, 6],
  [{ key: null, label: null, isSubagent: true }, 3],
];

const SIDE = {
  title: { key: 'title-generator', label: 'Title Generator', model: 'claude-haiku-4-5-20251001' },
  summary: { key: 'summarizer', label: 'Summarizer', model: 'claude-haiku-4-5-20251001' },
  webSearch: { key: 'web-search', label: 'Web Search', model: 'claude-haiku-4-5-20251001', blocks: (random) => [serverSearch(random)] },
};

/** The inputs of tools that a metric reads. */
const INPUTS = {
  Bash: (random) => ({ command: random.weighted(COMMANDS), description: prose(random, 4) }),
  Skill: (random) => ({ skill: random.pick(SKILLS), args: '' }),
  Agent: (random) => ({ description: prose(random, 3), prompt: prose(random, 12), subagent_type: 'explore' }),
  Write: (random) => ({ file_path: '/home/dev/shop-api/src/cart.js', content: prose(random, 60) }),
  Edit: (random) => ({ file_path: '/home/dev/shop-api/src/cart.js', old_string: prose(random, 8), new_string: prose(random, 9) }),
  other: (random) => ({ query: prose(random, 5) }),
};

module.exports = { claudeSession };
