'use strict';

const { timeFields } = require('../../demo/traffic/clock');

/**
 * The entry of a connection without a turn. It counts only if the connection failed, and not if the client then tries another way.
 * @param {import('../traffic/random').Random} random
 * @param {{at: number, id: string|null, model: string|null, isRefused: boolean}} session `isRefused`: the upgrade to a socket was refused
 * @returns {{entry: object, request: object, excerpt: object, response: object, succeeded: boolean}}
 */
function transportOnly(random, { at, id, model, isRefused }) {
  const hasFailed = isRefused || random.chance(0.4);
  const seen = { transport: 'websocket', capture: 'transport-only', endpoint: '/v1/responses' };
  const end = hasFailed
    ? { close: null, error: { message: 'getaddrinfo EAI_AGAIN' } }
    : { close: { code: 1000, reason: 'warm-up over' }, error: null };
  const request = { transport: 'websocket', capture: 'transport-only', method: 'GET', url: '/v1/responses', headers: {} };
  const entry = {
    ...timeFields(at, at + random.int(50, 4000)),
    method: 'GET',
    url: '/v1/responses',
    provider: 'openai',
    agent: 'codex',
    model: random.pick([model, null]),
    msgCount: 0,
    toolCalls: {},
    turnToolCallIds: {},
    turnToolResults: [],
    isSubagent: false,
    sessionId: id,
    isSSE: false,
    // The counts of the warm-up, which belong to no turn.
    usage: hasFailed ? null : { input_tokens: 9500, output_tokens: 1, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    cost: null,
    maxContext: 200_000,
    responseMetadata: { ...seen, ...end },
    stopReason: hasFailed ? 'getaddrinfo EAI_AGAIN' : 'warm-up over',
    title: 'Codex WebSocket session',
    status: isRefused ? 426 : (hasFailed ? random.pick([502, 504]) : 101),
    agentKey: 'default',
  };
  return { entry, request, excerpt: { capture: 'transport-only' }, response: { ...seen, ...end }, succeeded: false };
}

module.exports = { transportOnly };
