'use strict';

/** Summaries that a conversation continues from. */

const { textBlocks, TEXT_LIMIT } = require('./text');

/** How a conversation begins that continues from a summary. */
const SUMMARIES = [
  'This session is being continued from a previous conversation',
  'Another language model started to solve this problem and produced a summary',
];
/** The code of a space, the largest of what a text may begin with and be trimmed. */
const SPACE = 32;

/** A message of the user, if it has the summary that the conversation continues from. */
function summaryMessage(message) {
  if (message?.role !== 'user') return [];
  const content = textBlocks(message.content, summaryOf);
  return content.length > 0 ? [{ role: 'user', content }] : [];
}

/** The beginning of a text, if it is a summary. */
function summaryOf(text) {
  const first = text.charCodeAt(0);
  // Most texts begin in another way.
  if (first > SPACE && !SUMMARIES.some((start) => start.charCodeAt(0) === first)) return undefined;
  const head = text.slice(0, TEXT_LIMIT);
  const start = head.length - head.trimStart().length;
  return SUMMARIES.some((known) => head.startsWith(known, start)) ? text.slice(start, start + TEXT_LIMIT) : undefined;
}

module.exports = { summaryMessage, summaryOf };
