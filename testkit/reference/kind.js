'use strict';

const label = require('./catalog');

/** Buckets for what belongs to no session. */
const SENTINEL_SESSIONS = new Set(['direct-api', 'codex-raw', 'grok-raw', 'unknown']);

/** @returns {boolean} whether the entry is of a session that can be told from others */
function hasSession({ sessionId }) {
  return typeof sessionId === 'string' && !SENTINEL_SESSIONS.has(sessionId);
}

/** @returns {boolean} */
function isSocket({ responseMetadata }) {
  return responseMetadata?.transport === 'websocket';
}

/** @returns {'anthropic'|'openai'|'xai'|'other'} who served the call */
function providerOf({ provider, agent }) {
  return label.providerOf(agent) || label.providerOf(provider) || 'other';
}

/**
 * @returns {{type: string, role: string|undefined, reported: boolean, known: boolean}} the agent by the host's word, else by the head of
 *   the system prompt
 */
function agentOf({ agentKey }, req) {
  if (agentKey !== null && agentKey !== undefined && agentKey !== '') {
    const { type, role } = label.agentOf(agentKey);
    return { type, role, reported: true, known: role !== undefined };
  }
  const found = label.agentOfPrompt(systemPrompt(req).trim());
  if (found === undefined) return { type: 'unknown', role: 'unknown', reported: true, known: true };
  return { ...found, reported: false, known: true };
}

/** The third block of Claude Code's system prompt says who it is; on the Responses wire that is in the instructions. */
function systemPrompt(req) {
  const third = Array.isArray(req?.system) ? req.system[2]?.text : undefined;
  return [third, req?.instructions].find((text) => typeof text === 'string') ?? '';
}

/** @returns {'probe'|'transport'|'side'|'turn'} */
function kindOf(entry, req, res, { role }) {
  if (entry.imported === true || entry.url?.includes('/count_tokens') || req?.max_tokens === 1) return 'probe';
  if (isSocket(entry) && (isPlainObject(res) || req?.capture === 'transport-only')) return 'transport';
  // A connection that came to nothing may have failed; anything else like that is a probe.
  if (entry.msgCount === 0 && (entry.model ?? null) === null) return isSocket(entry) ? 'transport' : 'probe';
  return role === 'side' || role === 'summary' ? 'side' : 'turn';
}

/** What a socket leaves that carried no event, in the place of a list of them. */
function isPlainObject(res) {
  return res !== null && typeof res === 'object' && !Array.isArray(res);
}

/** The host's flag misses some on the Anthropic wire, where the agent's name says more. */
function isSubagent({ provider, isSubagent: flag }, { role }) {
  if (provider !== 'anthropic') return flag === true || role === 'sub';
  if (role === 'unknown') return flag === true;
  return role !== 'main';
}

module.exports = { hasSession, isSocket, providerOf, agentOf, kindOf, isSubagent };
