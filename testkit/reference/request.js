'use strict';

const catalog = require('./catalog');

/** @returns {object|undefined} the newest message or input item, if its role is `user` */
function newestMessage(req) {
  const newest = historyOf(req).at(-1);
  return newest?.role === 'user' ? newest : undefined;
}

/** @returns {boolean} whether the user typed the newest message. Results of tools have the role `user`, too */
function isTyped(req) {
  const newest = newestMessage(req);
  return newest !== undefined && !partsOf(newest).some(({ type }) => type === 'tool_result');
}

/** @returns {string[]} the texts of a message, without those inside results of tools */
function textsOf(message) {
  return partsOf(message).map(({ text }) => text).filter((text) => typeof text === 'string');
}

/**
 * The names in `<command-message>` markers of the newest user message: `NAME`, `/NAME` or a phrase that the catalog has.
 * @returns {{names: string[], broken: string[]}} each name once; the texts of markers without a name or without an end
 */
function commandsOf(req) {
  const names = new Set();
  const broken = [];
  for (const text of textsOf(newestUserMessage(req))) {
    for (const piece of text.split(OPENING).slice(1)) {
      const [content, ...after] = piece.split(CLOSING);
      const name = catalog.commandIn(content.trim())?.replace(/^\//, '') ?? '';
      if (after.length === 0 || name === '') broken.push(content.trim());
      else names.add(name);
    }
  }
  return { names: Array.from(names), broken };
}

/** @returns {string[]} the texts with Codex's permissions, in order */
function permissionTexts(req) {
  return historyOf(req)
    .filter(({ role }) => role === 'developer')
    .flatMap(textsOf)
    .filter((text) => text.includes(PERMISSIONS))
    .map((text) => text.slice(text.indexOf(PERMISSIONS) + PERMISSIONS.length));
}

/** @returns {boolean} whether the newest user message asks for a summary of the conversation */
function asksToCompact(req) {
  return textsOf(newestMessage(req)).some((text) => catalog.compactionMark(text) === 'request');
}

/** @returns {string[]} the texts with which a conversation continues from a summary */
function continuationsOf(req) {
  const history = historyOf(req);
  const looked = Array.isArray(req?.messages) ? [history[0], history.at(-1)] : history;
  const texts = looked.filter((message) => message?.role === 'user').flatMap(textsOf);
  return texts.filter((text) => catalog.compactionMark(text) === 'continuation');
}

/** Only Claude Code has commands, so only its wire is searched. */
function newestUserMessage(req) {
  return Array.isArray(req?.messages) ? newestMessage(req) : undefined;
}

function historyOf(req) {
  const history = [req?.messages, req?.input].find(Array.isArray) ?? [];
  return history.filter((message) => message !== null && typeof message === 'object');
}

function partsOf(message) {
  const content = message?.content;
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content.filter((part) => part !== null && typeof part === 'object') : [];
}

const OPENING = '<command-message>';
const CLOSING = '</command-message>';
const PERMISSIONS = '<permissions instructions>';

module.exports = { newestMessage, isTyped, textsOf, commandsOf, permissionTexts, asksToCompact, continuationsOf };
