'use strict';

const catalog = require('./catalog');

/** Since this version, Claude Code says which of its requests come from a sub-agent, so silence means the main agent. */
const SAYS_SINCE = [2, 1, 197];
/** The line as the client itself writes it: the version ends in a fingerprint. Others may have dropped the flag. */
const WHOLE_LINE = /^x-anthropic-billing-header:.*?cc_version=(\d+)\.(\d+)\.(\d+)\.[^;\s.]/;
/** Values of the header for sub-agents that deny that there is one. */
const DENIALS = new Set(['0', 'false', 'no']);
/** How much of the line is read, in characters. A host that keeps an excerpt keeps so much of it. */
const BILLING_LIMIT = 256;

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
  if (!line.includes('cc_version=')) return undefined;
  const [, told] = /(?:^|;)\s*cc_is_subagent=([^;]*)/.exec(line) ?? [];
  if (told !== undefined) return told.trim() === 'true' ? 'sub' : 'main';
  const version = WHOLE_LINE.exec(line)?.slice(1).map(Number);
  return version !== undefined && isAtLeast(version, SAYS_SINCE) ? 'main' : undefined;
}

function codexSender(headers, { request_kind: kind, thread_source: source, subagent_kind: helper }) {
  const header = [headers['x-openai-subagent']].find((value) => isNamed(value) && !DENIALS.has(value.trim().toLowerCase()))?.trim();
  const roles = [kind, source, helper, header].map(catalog.requestRole);
  // A new kind of request is beside the conversation, unless its thread is known.
  const isDetached = isNamed(kind) && roles[0] === undefined && !['main', 'sub'].includes(roles[1]);
  if (isDetached || roles.includes('side')) return 'side';
  if (roles[1] === 'sub' || isNamed(helper) || (header !== undefined && roles[3] !== 'compaction')) return 'sub';
  return roles[1] === 'main' ? 'main' : undefined;
}

/** @returns {string[]} the words of Codex's metadata that no catalog has */
function unknownWords({ request_kind: kind, thread_source: source, subagent_kind: helper }) {
  return [kind, source, helper].filter((word) => isNamed(word) && catalog.requestRole(word) === undefined);
}

function isNamed(value) {
  return typeof value === 'string' && value.trim() !== '';
}

function isAtLeast(version, least) {
  const at = version.findIndex((number, i) => number !== least[i]);
  return at < 0 || version[at] > least[at];
}

module.exports = { senderOf, unknownWords };
