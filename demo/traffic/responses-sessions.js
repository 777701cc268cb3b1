'use strict';

const { timeFields } = require('./clock');
const { CODEX_TOOLS, GROK_TOOLS } = require('./lexicon');
const { ResponsesThread } = require('./responses-thread');

/**
 * A session of Codex, over HTTP or over a WebSocket, or of Grok.
 * @param {import('./random').Random} random
 * @param {{kind: 'codex'|'codex_ws'|'grok', startMs: number, turns: number, cwd: string}} plan
 * @yields {{entry: object, doneAt: number, request?: object, isTurn: boolean}}
 */
function* responsesSession(random, plan) {
  const { kind, cwd, startMs } = plan;
  const isGrok = kind === 'grok';
  const session = {
    id: random.uuid7(startMs),
    cwd,
    agent: isGrok ? 'grok' : 'codex',
    agentLabel: isGrok ? 'Grok' : 'Codex Default',
    model: isGrok ? 'grok-4.5-build' : random.weighted([['gpt-5.5', 5], ['gpt-5.6-sol', 4]]),
    socket: kind === 'codex_ws',
  };
  const thread = new ResponsesThread(random, session);
  const permissions = isGrok ? undefined : permissionsRequest(random);
  const fates = session.socket ? SOCKET_FATES : HTTP_FATES;
  let at = startMs;
  let isFirst = true;

  if (isGrok) yield grokTitle(random, session, at + 30);
  if (session.socket && random.chance(0.5)) yield transportOnly(random, session, at);
  for (let left = plan.turns; left > 0; left -= 1) {
    const fate = random.weighted(fates);
    const calls = random.chance(0.75) ? drawCalls(random, isGrok ? GROK_TOOLS : CODEX_TOOLS) : [];
    const turn = thread.take({ at, calls, fate, durationMs: duration(random, fate), ...helper(random, isGrok) });
    // Over HTTP every request repeats the message. On a socket only the first frame has it.
    const request = permissions !== undefined && (isFirst || (!session.socket && random.chance(0.4))) ? permissions : undefined;
    if (request !== undefined) turn.entry.req = request;
    yield { entry: turn.entry, doneAt: turn.doneAt, request, isTurn: true };
    isFirst = false;
    at = turn.doneAt + Math.round(turn.succeeded && calls.length > 0 ? random.int(80, 2500) : random.logNormal(15_000, 150_000));
  }
}

/** The review and explorer helpers of Codex, which run in the session of the main conversation. */
function helper(random, isGrok) {
  if (isGrok || !random.chance(0.06)) return {};
  return random.pick([
    { agentKey: 'default', isSubagent: true },
    { agentKey: 'explorer', isSubagent: true },
    { agentKey: 'worker', isSubagent: false },
  ]);
}

function drawCalls(random, tools) {
  const count = random.weighted([[1, 75], [2, 15], [4, 8], [7, 2]]);
  return Array.from({ length: count }, () => random.weighted(tools));
}

/** The part of a Codex request with the permissions of the agent. */
function permissionsRequest(random) {
  const sandbox = random.weighted([['workspace-write', 70], ['read-only', 20], ['danger-full-access', 10]]);
  const approval = random.weighted([['on-request', 60], ['never', 25], ['untrusted', 5], ['unless-trusted', 5], ['on-failure', 5]]);
  const text = '<permissions instructions>\nFilesystem sandboxing defines which files can be read or written. '
    + `\`sandbox_mode\` is \`${sandbox}\`: … Approval policy is currently ${approval}.\n</permissions instructions>`;
  return { input: [{ type: 'message', role: 'developer', content: [{ type: 'input_text', text }] }] };
}

/** Grok's request for a title, parallel to its first turn and outside of any session. */
function grokTitle(random, session, at) {
  const thread = new ResponsesThread(random, { ...session, id: 'grok-raw', model: 'grok-build' });
  const { entry, doneAt } = thread.take({ at, calls: ['session_title'], fate: 'ok', durationMs: random.int(400, 1800), agentKey: 'title' });
  return { entry, doneAt, isTurn: false };
}

/** The entry of a connection without a turn. It counts only if the connection failed. */
function transportOnly(random, session, at) {
  const failed = random.chance(0.3);
  const doneAt = at + random.int(50, 4000);
  const transport = {
    transport: 'websocket',
    capture: 'transport-only',
    endpoint: '/v1/responses',
    frameCounts: { clientToUpstream: 1, upstreamToClient: 2 },
    byteCounts: { clientToUpstream: 34_800, upstreamToClient: 900 },
    close: failed ? null : { side: 'client', code: 1000, reason: 'warm-up over' },
    error: failed ? { message: 'getaddrinfo EAI_AGAIN api.example.com' } : null,
  };
  const { endpoint, frameCounts, byteCounts, close, error } = transport;
  const entry = {
    ...timeFields(at, doneAt),
    method: 'GET',
    url: '/v1/responses',
    req: { transport: 'websocket', capture: 'transport-only', method: 'GET', url: '/v1/responses', endpoint, headers: {}, metadata: {} },
    res: { transport: 'websocket', capture: 'transport-only', frameCounts, byteCounts, close, error },
    tokens: null,
    provider: 'openai',
    agent: 'codex',
    model: failed ? null : session.model,
    msgCount: 0,
    toolCount: 0,
    toolCalls: {},
    turnToolCallIds: {},
    turnToolResults: [],
    isSubagent: false,
    sessionInferred: false,
    cwd: session.cwd,
    sessionId: session.id,
    isSSE: false,
    // The counts of the warm-up, which belong to no turn.
    usage: failed ? null : { input_tokens: 9500, output_tokens: 1, total_tokens: 9501, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    cost: null,
    maxContext: failed ? null : 400_000,
    responseMetadata: transport,
    stopReason: failed ? 'getaddrinfo EAI_AGAIN api.example.com' : 'warm-up over',
    title: 'Codex WebSocket session',
    thinkingDuration: null,
    toolFail: false,
    status: failed ? 502 : 101,
    agentKey: 'default',
    agentLabel: 'Codex Default',
    toolSources: {},
  };
  return { entry, doneAt, isTurn: false };
}

function duration(random, fate) {
  if (fate.startsWith('http_')) return random.int(150, 1900);
  if (fate === 'timeout') return 60_000 + random.int(0, 900);
  return Math.min(648_000, Math.max(350, Math.round(random.logNormal(7700, 37_000))));
}

const HTTP_FATES = [
  ['ok', 945], ['http_429', 12], ['http_500', 4], ['http_400', 2], ['failed', 15], ['incomplete', 12], ['cut', 10],
];
const SOCKET_FATES = [
  ['ok', 820], ['ok_done', 80], ['failed', 25], ['incomplete', 15], ['cut', 15], ['aborted', 35], ['timeout', 10],
];

module.exports = { responsesSession };
