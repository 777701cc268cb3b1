'use strict';

/** What a client says about its own request: Codex in its body, all in their headers. */

const { word } = require('./text');

/** Where Codex says what kind of request it makes. */
const METADATA = 'x-codex-turn-metadata';
const METADATA_LIMIT = 16_384;
/** The headers in which a client says who it is. */
const REQUEST_HEADERS = [
  'x-claude-code-agent-id',
  'x-claude-code-session-id',
  METADATA,
  'x-openai-subagent',
  'session-id',
  'thread-id',
];

/** Adds what Codex says about its request. */
function withMetadata(part, client) {
  const turn = metadataOf(client?.[METADATA]);
  if (!turn) return part;
  const { request_kind: kind, thread_source: source, subagent_kind: subagent, window_number: window, compaction } = turn;
  const kept = {
    request_kind: word(kind),
    thread_source: word(source),
    subagent_kind: word(subagent),
    window_number: typeof window === 'number' ? window : undefined,
    compaction: compaction ? { trigger: word(compaction.trigger) } : undefined,
  };
  return { ...part, client_metadata: { [METADATA]: JSON.stringify(kept) } };
}

/** The metadata, which is a string that contains JSON; `undefined` if it is not readable. */
function metadataOf(given) {
  if (typeof given !== 'string') return typeof given === 'object' ? given : undefined;
  if (given.length > METADATA_LIMIT) return undefined;
  try {
    const parsed = JSON.parse(given);
    return typeof parsed === 'object' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The headers of a request in which the client says who it is. */
function chosen(headers) {
  if (!headers) return undefined;
  const found = {};
  for (const name of REQUEST_HEADERS) {
    if (headers[name] !== undefined) found[name] = headers[name];
  }
  return found;
}

module.exports = { withMetadata, chosen };
