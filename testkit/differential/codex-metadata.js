'use strict';

/**
 * What Codex says about a turn of each kind. Private names in it, such as the path of an agent, are left out.
 */
const SENDERS = {
  main: { request_kind: 'turn', thread_source: 'user' },
  helper: { request_kind: 'turn', thread_source: 'subagent', subagent_kind: 'thread_spawn' },
  review: { request_kind: 'turn', thread_source: 'subagent', subagent_kind: 'review' },
  guardian: { request_kind: 'turn', thread_source: 'guardian_review', subagent_kind: 'guardian' },
  title: { request_kind: 'turn', thread_source: 'thread_title' },
  prewarm: { request_kind: 'prewarm', thread_source: 'user' },
  memory: { request_kind: 'memory' },
};
/** The value of the header `x-openai-subagent` for those that send one. */
const HELPERS = { helper: 'collab_spawn', review: 'review', guardian: 'guardian' };

/**
 * The metadata of a turn, in the body or in a header. Over a socket, the host's record has only the headers of its beginning.
 * @param {import('../traffic/random').Random} random
 * @param {object} turn
 * @param {keyof SENDERS} turn.sender
 * @param {number} turn.windowNumber how often the conversation was compacted
 * @param {'manual'|'auto'|undefined} turn.trigger of the compaction that this request is
 * @param {boolean} turn.isCompaction
 * @param {boolean} turn.isSocket
 * @returns {{client_metadata?: object, requestHeaders?: object}}
 */
function metadataOf(random, { sender, windowNumber, trigger, isCompaction, isSocket }) {
  const told = {
    ...SENDERS[sender],
    ...(isCompaction && { request_kind: 'compaction', compaction: { ...(trigger && { trigger }), reason: 'made_up' } }),
    window_number: windowNumber,
    sandbox_mode: random.pick(['workspace-write', 'read-only', 'danger-full-access']),
  };
  const helper = HELPERS[sender] && { 'X-OpenAI-Subagent': HELPERS[sender] };
  const header = { 'x-codex-turn-metadata': JSON.stringify(told), ...helper };
  if (isSocket) return { requestHeaders: header };
  const body = { client_metadata: { 'x-codex-turn-metadata': random.chance(0.9) ? JSON.stringify(told) : told } };
  return random.weighted([[body, 6], [{ ...body, requestHeaders: header }, 2], [{ requestHeaders: header }, 1], [helper ? { requestHeaders: helper } : {}, 1]]);
}

module.exports = { metadataOf };
