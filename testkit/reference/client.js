'use strict';

/** Since this version, Claude Code says which of its requests come from a sub-agent, so silence means the main agent. */
const SAYS_SINCE = [2, 1, 197];
/** How much of the line is read, in characters. A host that keeps an excerpt keeps so much of it. */
const BILLING_LIMIT = 256;
/** Requests of Codex beside a conversation. */
const SIDE_KINDS = new Set(['prewarm', 'memory']);
const SIDE_SOURCES = new Set(['thread_title', 'guardian_review']);

/**
 * Who sends a request, in the client's own words.
 * @param {object} entry
 * @param {*} req
 * @param {Record<string, string>} headers of the request, with names in lower case
 * @param {object} metadata see turn-metadata.js
 * @returns {'main'|'sub'|'side'|undefined} undefined if the client does not say it
 */
function senderOf({ provider }, req, headers, metadata) {
  return provider === 'anthropic' ? claudeSender(req, headers) : codexSender(headers, metadata);
}

function claudeSender(req, headers) {
  if (isNamed(headers['x-claude-code-agent-id'])) return 'sub';
  const text = Array.isArray(req?.system) ? req.system[0]?.text : undefined;
  const line = typeof text === 'string' ? text.slice(0, BILLING_LIMIT) : '';
  const version = /cc_version=(\d+)\.(\d+)\.(\d+)/.exec(line)?.slice(1).map(Number);
  if (version === undefined) return undefined;
  if (line.includes('cc_is_subagent=true')) return 'sub';
  return isAtLeast(version, SAYS_SINCE) ? 'main' : undefined;
}

function codexSender(headers, { request_kind: kind, thread_source: source, subagent_kind: helper }) {
  const header = headers['x-openai-subagent'];
  if (SIDE_SOURCES.has(source) || helper === 'guardian' || header === 'guardian' || isSideKind(kind, source)) return 'side';
  if (source === 'subagent' || isNamed(helper) || (isNamed(header) && !['0', 'false', 'no'].includes(header.toLowerCase()))) return 'sub';
  return source === 'user' ? 'main' : undefined;
}

/** A new kind of request is beside the conversation, unless the user began it. */
function isSideKind(kind, source) {
  if (typeof kind !== 'string' || kind === '' || kind === 'turn' || kind === 'compaction') return false;
  return SIDE_KINDS.has(kind) || source !== 'user';
}

function isNamed(value) {
  return typeof value === 'string' && value.trim() !== '';
}

function isAtLeast(version, least) {
  const at = version.findIndex((number, i) => number !== least[i]);
  return at < 0 || version[at] > least[at];
}

module.exports = { senderOf };
