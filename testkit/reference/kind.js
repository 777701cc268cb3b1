'use strict';

const catalog = require('./catalog');

/** The host's placeholders for entries without a session. */
const SENTINEL_SESSIONS = new Set(['direct-api', 'codex-raw', 'grok-raw', 'unknown']);

/** The status of a refused upgrade to a socket. The client tries it again, and then another way. */
const UPGRADE_REQUIRED = 426;

/** Headers in which a client names its session, the best first. */
const SESSION_HEADERS = ['x-claude-code-session-id', 'session-id', 'thread-id'];

/** @returns {string|undefined} the session that the entry belongs to: the host's, else the client's own */
function sessionOf({ sessionId }, headers) {
  const isKnown = typeof sessionId === 'string' && sessionId !== '' && !SENTINEL_SESSIONS.has(sessionId);
  return isKnown ? sessionId : SESSION_HEADERS.map((name) => headers[name]).find((value) => typeof value === 'string' && value.trim() !== '');
}

/** @returns {boolean} */
function isSocket({ responseMetadata }) {
  return responseMetadata?.transport === 'websocket';
}

/** @returns {'anthropic'|'openai'|'xai'|'other'} the provider that served the call */
function providerOf({ provider, agent }) {
  return catalog.providerOf(agent) || catalog.providerOf(provider) || 'other';
}

/**
 * @returns {{type: string, role: string|undefined, reported: boolean, known: boolean}} the agent as the host reports it, else by the
 *   head of the system prompt
 */
function agentOf({ agentKey }, req) {
  if (agentKey !== null && agentKey !== undefined && agentKey !== '') {
    const { type, role } = catalog.agentOf(agentKey);
    return { type, role, reported: true, known: role !== undefined };
  }
  const found = catalog.agentOfPrompt(systemPrompt(req).trim());
  if (found === undefined) return { type: 'unknown', role: 'unknown', reported: true, known: true };
  return { ...found, reported: false, known: true };
}

/** The text that identifies the agent: the third block of Claude Code's system prompt, or the instructions on the Responses wire. */
function systemPrompt(req) {
  const third = Array.isArray(req?.system) ? req.system[2]?.text : undefined;
  return [third, req?.instructions].find((text) => typeof text === 'string') ?? '';
}

/**
 * @param {object} entry
 * @param {*} req
 * @param {*} res
 * @param {{role: string|undefined}} agent
 * @param {string|undefined} sender see client.js
 * @returns {'probe'|'transport'|'side'|'turn'} `transport`: a connection without a model call
 */
function kindOf(entry, req, res, { role }, sender) {
  const isRefused = entry.status === UPGRADE_REQUIRED;
  if (isRefused && entry.msgCount === 0 && (entry.model ?? null) === null) return 'transport';
  if (entry.imported === true || entry.url?.includes('/count_tokens') || req?.max_tokens === 1) return 'probe';
  if (isRefused) return 'transport';
  if (isSocket(entry) && (isPlainObject(res) || req?.capture === 'transport-only')) return 'transport';
  // A connection without a model call may have failed. Any other entry without a model call is a probe.
  if (entry.msgCount === 0 && (entry.model ?? null) === null) return isSocket(entry) ? 'transport' : 'probe';
  return [role, sender].includes('side') || role === 'summary' ? 'side' : 'turn';
}

/** Whether it is an object instead of a list of events: a socket that carried no event leaves one. */
function isPlainObject(res) {
  return res !== null && typeof res === 'object' && !Array.isArray(res);
}

/** The client knows best. On the Anthropic wire the host's flag misses some sub-agents, so there the agent's role counts. */
function isSubagent({ provider, isSubagent: flag }, { role }, sender) {
  if (sender === 'main' || sender === 'sub') return sender === 'sub';
  if (provider !== 'anthropic') return flag === true || role === 'sub';
  if (role === 'unknown') return flag === true;
  return role !== 'main';
}

module.exports = { sessionOf, isSocket, providerOf, agentOf, kindOf, isSubagent };
