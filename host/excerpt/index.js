'use strict';

const { newInput } = require('./input');
const { newMessages, withVersion } = require('./messages');
const { chosen, withMetadata } = require('./metadata');

/**
 * The part of a request that metrics need, as JSON text of the same shape. It contains:
 *
 * - the texts that the user sent with this turn; of a reminder that the client added, only the lines about plan mode;
 * - the user's command for a compaction, if the client sends it with the next message;
 * - the beginning of a summary that the conversation continues from;
 * - the permissions and the collaboration mode that Codex was given, and what it says about its request;
 * - the line in which Claude Code states its version and whether a sub-agent makes the request.
 *
 * It shows that there were tool results, but not their content. It contains no images, no history and nothing else of
 * the system prompt.
 *
 * Cost: reads the first and the newest messages; for the Responses wire also the role of each input item and the texts
 * of the developer's and the user's. docs/host.md has the measured numbers.
 *
 * @param {object|null} request the parsed request of a turn
 * @returns {string|undefined} `undefined` if metrics need nothing of it
 */
function excerpt(request) {
  if (!request) return undefined;
  const { messages, input, system, capture, max_tokens: limit, client_metadata: metadata } = request;
  let part;
  // A request for one token is a probe of the quota, not a turn.
  if (limit === 1) part = { max_tokens: limit };
  else if (Array.isArray(messages)) part = withVersion(newMessages(messages), system);
  else if (Array.isArray(input)) part = withMetadata(newInput(input), metadata);
  // Only this field shows that a WebSocket connection never carried a turn; the index line does not.
  else if (capture) part = { capture };
  return part && JSON.stringify(part);
}

module.exports = { excerpt, chosen };
