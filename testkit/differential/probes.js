'use strict';

const { timeFields } = require('../../demo/traffic/clock');

/**
 * A request that is not a turn and costs nothing: a check whether the proxy answers, a token count, or a check of the quota.
 * @param {import('../traffic/random').Random} random
 * @param {number} at Unix milliseconds
 * @returns {{entry: object, request: object|null, excerpt: object|undefined, response: *, succeeded: boolean}}
 */
function probe(random, at) {
  const { fields, request, response } = random.pick(PROBES);
  const entry = {
    ...timeFields(at, at + random.int(2, 80)),
    method: 'GET',
    provider: 'anthropic',
    agent: 'claude',
    sessionId: null,
    isSubagent: true,
    isSSE: false,
    usage: null,
    cost: null,
    stopReason: '',
    agentKey: null,
    turnToolCalls: {},
    status: 200,
    ...fields,
  };
  return { entry, request, excerpt: request ?? undefined, response, succeeded: false };
}

const NOT_FOUND = { type: 'error', error: { type: 'not_found_error' } };
const USED = { input_tokens: 8, output_tokens: 1 };
const HAIKU = 'claude-haiku-4-5-20251001';

const PROBES = [
  { fields: { model: null, msgCount: 0, status: 404, url: '/healthz' }, request: null, response: 'Not Found' },
  { fields: { model: null, msgCount: 0, status: 404, url: '/' }, request: null, response: NOT_FOUND },
  {
    fields: { model: HAIKU, msgCount: 1, url: '/v1/messages', usage: USED },
    request: { model: HAIKU, max_tokens: 1, messages: [{ role: 'user', content: 'quota' }] },
    response: { content: [], usage: USED },
  },
  {
    // Its line does not show its kind.
    fields: { model: HAIKU, msgCount: 7, url: '/v1/messages/count_tokens?beta=true' },
    request: { model: HAIKU, messages: [{ role: 'user', content: 'count me' }] },
    response: { input_tokens: 40 },
  },
  { fields: { model: HAIKU, msgCount: 40, imported: true, importSource: 'claude-code', usage: USED }, request: null, response: null },
];

module.exports = { probe };
