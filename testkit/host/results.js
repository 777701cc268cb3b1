'use strict';

/*
 * The results of tool calls that a request brings, in the host's form: `{callId, toolFail, eligible}`. `toolFail` is undefined
 * if nothing in the result says whether the call has failed.
 */

/** Of the messages behind the newest answer of the model. */
function ofMessages(request) {
  const messages = request?.messages ?? [];
  const isNew = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
  const blocks = isNew.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return blocks
    .filter(({ type }) => type === 'tool_result')
    .map(({ tool_use_id: callId, is_error: isError }) => ({ callId, toolFail: isError === true, eligible: true }));
}

/** Of the outputs at the end of the input. */
function ofResponses(request) {
  const items = Array.isArray(request?.input) ? request.input : [];
  const isNew = items.slice(items.findLastIndex(({ type }) => !type?.endsWith('_output')) + 1);
  return isNew.map(({ call_id: callId, output }) => ({ callId, toolFail: failureOf(output), eligible: true }));
}

module.exports = { ofMessages, ofResponses };

function failureOf(output) {
  const parts = typeof output === 'string' ? parsed(output) : output;
  const text = Array.isArray(parts) ? parts.map((part) => part?.text ?? '').join('\n') : output;
  const code = parsed(text)?.metadata?.exit_code ?? parsed(text)?.exit_code;
  return code === undefined ? undefined : code !== 0;
}

function parsed(text) {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text;
  } catch {
    // Plain text, which says nothing.
    return undefined;
  }
}
