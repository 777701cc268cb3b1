'use strict';

const { claudeSession } = require('./claude');
const { timeFields } = require('./clock');
const { indexLine } = require('./index-line');
const { PROJECTS } = require('./lexicon');
const { Random } = require('./random');
const { responsesSession } = require('./responses-sessions');

/**
 * Generates a synthetic day of one proxy, as ccxray would record it: every agent, every wire, and rare cases. The same
 * options give the same bytes.
 * @param {object} [options]
 * @param {number} [options.turns] how many turns, without side requests and probes. Default: 1000
 * @param {number} [options.seed] any integer. Default: 1
 * @param {number} [options.startMs] when the working day of ten hours begins, Unix milliseconds. Default: a Thursday
 * @yields {{line: string, parts: {response?: string, request?: string, headers?: object}, entry: object}} in order of
 *   completion; `line` with `parts`, and `entry` alone, are the same record in the two forms of the host
 */
function* syntheticDay({ turns = 1000, seed = 1, startMs = DAY_START_MS } = {}) {
  const random = new Random(seed);
  const waiting = plans(random, turns, startMs);
  const running = [];
  for (;;) {
    let first = earliest(running);
    while (waiting.length > 0 && (first === undefined || waiting[0].startMs <= first.head.doneAt)) {
      start(running, waiting.shift());
      first = earliest(running);
    }
    if (first === undefined) return;
    yield asRecord(first.random, first.head);
    advance(running, first);
  }
}

/** The sessions of a working day. The last one is shortened to reach exactly the wanted number of turns. */
function plans(random, turns, startMs) {
  const out = [];
  let left = turns;
  for (let i = 0; left > 0; i += 1) {
    // The first sessions are one of each kind, so that even a short day has every wire.
    const kind = KINDS[i]?.[0] ?? random.weighted(KINDS);
    const wanted = i < KINDS.length ? Math.min(random.int(8, 30), Math.ceil(turns / KINDS.length)) : Math.round(random.logNormal(22, 70));
    const size = Math.min(left, Math.max(1, wanted));
    left -= size;
    out.push({ kind, turns: size, startMs: startMs + random.int(0, DAY_LENGTH_MS), cwd: random.pick(PROJECTS), random: random.fork(i) });
    if (i % 12 === 5) out.push({ kind: 'probe', turns: 0, startMs: startMs + random.int(0, DAY_LENGTH_MS), random: random.fork(100_000 + i) });
  }
  out.sort((a, b) => a.startMs - b.startMs);
  return out;
}

function start(running, plan) {
  const session = { random: plan.random.fork(1), records: SESSIONS[plan.kind](plan.random, plan), head: undefined };
  running.push(session);
  advance(running, session);
}

function advance(running, session) {
  const { value, done } = session.records.next();
  session.head = value;
  if (done) running.splice(running.indexOf(session), 1);
}

/** The session whose next entry finishes first. */
function earliest(running) {
  let first;
  for (const session of running) {
    if (first === undefined || session.head.doneAt < first.head.doneAt) first = session;
  }
  return first;
}

/** A request that checks whether the proxy answers. It is not a turn and has no cost. */
function* probe(random, { startMs }) {
  const doneAt = startMs + random.int(2, 80);
  yield {
    doneAt,
    isTurn: false,
    entry: {
      ...timeFields(startMs, doneAt),
      method: 'GET',
      url: '/healthz',
      req: null,
      res: random.pick(['Not Found', { type: 'error', error: { type: 'not_found_error', message: 'Not Found' } }]),
      tokens: null,
      sessionId: null,
      provider: 'anthropic',
      agent: 'claude',
      model: null,
      msgCount: 0,
      toolCount: 0,
      toolCalls: {},
      isSubagent: true,
      sessionInferred: true,
      cwd: null,
      isSSE: false,
      usage: null,
      cost: null,
      maxContext: 200_000,
      stopReason: '',
      title: null,
      thinkingDuration: null,
      toolFail: false,
      status: 404,
      agentKey: null,
      agentLabel: null,
      turnToolCalls: {},
      turnToolCallIds: {},
      turnToolResults: [],
    },
  };
}

/** An entry in the two forms in which a host can pass it. */
function asRecord(random, { entry: built, request, headers }) {
  // Some lines have no parts, as in a logs directory whose other files were removed.
  const entry = random.chance(LINE_ONLY_SHARE) ? { ...built, res: null } : built;
  const parts = {};
  if (entry.res !== null) parts.response = typeof entry.res === 'string' ? entry.res : JSON.stringify(entry.res);
  if (request !== undefined) parts.request = JSON.stringify(request);
  if (headers !== undefined) parts.headers = headers;
  return { line: indexLine(entry), parts, entry };
}

const LINE_ONLY_SHARE = 0.02;

/** Nine in the morning in Taipei. */
const DAY_START_MS = Date.UTC(2026, 0, 15, 1);
const DAY_LENGTH_MS = 10 * 3600 * 1000;

/** Kinds of sessions and how common they are. */
const KINDS = [['claude', 56], ['codex_ws', 14], ['codex', 12], ['grok', 11], ['claude_sdk', 7]];

const SESSIONS = {
  claude: claudeSession,
  claude_sdk: claudeSession,
  codex: responsesSession,
  codex_ws: responsesSession,
  grok: responsesSession,
  probe,
};

module.exports = { syntheticDay };
