'use strict';

/** The messages of an Anthropic request that tell something new. */

const { planLines, REMINDER } = require('./plan');
const { summaryMessage, summaryOf } = require('./summary');
const { textBlocks, LINE_LIMIT, TEXT_LIMIT } = require('./text');

/** Most messages of the client behind the user's newest message. */
const ADDED_COUNT = 16;
const REMINDER_END = '</system-reminder>';
/** What a resumed client writes as the answer to messages that it has never sent. */
const NEVER_SENT = 'No response requested.';
/** The user's command for a compaction. */
const COMPACT = '<command-message>compact</command-message>';
const VERSION = 'cc_version=';
const VERSION_LIMIT = 256;

/** The first message's summary, the newest message, and what the client added behind it. */
function newMessages(messages) {
  let at = messages.length - 1;
  const added = [];
  for (; at >= 0 && messages[at]?.role === 'system'; at -= 1) {
    if (messages.length - at <= ADDED_COUNT) added.unshift(...addedMessage(messages[at]));
  }
  const first = at > 0 ? summaryMessage(messages[0]) : [];
  const newest = at >= 0 ? withCommand(newestMessage(messages[at], first.length > 0), messages, at) : [];
  const found = [...first, ...newest, ...added];
  return found.length > 0 ? { messages: found } : undefined;
}

/**
 * The newest message, with the command for a compaction in front of it if a client without a terminal has run it: the next
 * start of the client sends it as an older message.
 */
function withCommand(newest, messages, at) {
  const [{ role, content } = {}] = newest;
  const made = messages[at - 1];
  if (role !== 'user' || made?.role !== 'assistant' || textBlocks(made.content, (text) => text)[0]?.text !== NEVER_SENT) return newest;
  let before = at - 2;
  while (messages[before]?.role === 'system') before -= 1;
  const command = textBlocks(messages[before]?.content, (text) => (text.length <= TEXT_LIMIT && text.includes(COMPACT) ? text : undefined));
  return [{ role, content: [...command, ...content] }];
}

/** A message of the client, if it turns plan mode on or off. */
function addedMessage({ content }) {
  const blocks = textBlocks(content, marksOf);
  return blocks.length > 0 ? [{ role: 'system', content: blocks }] : [];
}

function marksOf(text) {
  const lines = planLines(text, 0);
  return lines.length > 0 ? lines.join('\n') : undefined;
}

/** The newest message. With `isNeeded` it keeps its place even if there is nothing in it. */
function newestMessage(message, isNeeded) {
  const { role, content } = message ?? {};
  if (role !== 'user') return isNeeded ? [{ role: String(role), content: '' }] : [];
  const blocks = textBlocks(content, newText);
  if (blocks.length === 0 && !isNeeded) return [];
  // A message with tool results is not only the user's own text.
  const isAnswer = Array.isArray(content) && content.some((block) => block?.type === 'tool_result');
  return [{ role, content: isAnswer ? [{ type: 'tool_result' }, ...blocks] : blocks }];
}

/** A text of the user, cut; of a reminder only the lines that turn plan mode on or off. */
function newText(text) {
  if (text.startsWith(REMINDER) && text.trimEnd().endsWith(REMINDER_END)) {
    return [REMINDER, ...planLines(text, 0), REMINDER_END].join('\n');
  }
  if (text.length <= TEXT_LIMIT) return text;
  return summaryOf(text) ?? [text.slice(0, TEXT_LIMIT), ...planLines(text, TEXT_LIMIT - LINE_LIMIT)].join('\n');
}

/** Claude Code states its version at the beginning of its system prompt. */
function withVersion(part, system) {
  const text = Array.isArray(system) ? system[0]?.text : undefined;
  const head = typeof text === 'string' ? text.slice(0, VERSION_LIMIT) : '';
  return head.includes(VERSION) ? { ...part, system: [{ type: 'text', text: head }] } : part;
}

module.exports = { newMessages, newestMessage, withVersion };
