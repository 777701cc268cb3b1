'use strict';

const catalog = require('./catalog');

/** How much of a summary identifies it, in characters. A host that keeps an excerpt keeps so much of it. */
const SUMMARY_LIMIT = 1024;

/**
 * The newest message of the user, or the newest input item if its role is `user`. Claude Code may write messages of role `system` behind
 * that of the user.
 * @returns {object|undefined}
 */
function newestMessage(req) {
  const newest = historyOf(req).findLast((message) => !isNote(req, message));
  return newest?.role === 'user' ? newest : undefined;
}

/** @returns {string[]} the texts of the newest message and of the client's messages behind it */
function newTexts(req) {
  const newest = newestMessage(req);
  if (newest === undefined) return [];
  const history = historyOf(req);
  return history.slice(history.indexOf(newest)).flatMap(textsOf);
}

function isNote(req, { role }) {
  return Array.isArray(req.messages) && role === 'system';
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
  return developerTexts(req, PERMISSIONS);
}

/** @returns {string[]} the texts with Codex's collaboration mode, in order */
function collaborationTexts(req) {
  return developerTexts(req, COLLABORATION);
}

/** The developer's texts with a mark, each from the end of the mark on. */
function developerTexts(req, mark) {
  const texts = historyOf(req).filter(({ role }) => role === 'developer').flatMap(textsOf);
  return texts.filter((text) => text.includes(mark)).map((text) => text.slice(text.indexOf(mark) + mark.length));
}

/** @returns {boolean} whether the newest user message asks for a summary of the conversation */
function asksToCompact(req) {
  return textsOf(newestMessage(req)).some((text) => catalog.compactionMark(text) === 'request');
}

/** @returns {string[]} the beginnings of the texts with which a conversation continues from a summary */
function continuationsOf(req) {
  const history = historyOf(req);
  const looked = Array.isArray(req?.messages) ? [history[0], newestMessage(req)] : history;
  const texts = looked.filter((message) => message?.role === 'user').flatMap(textsOf);
  return texts.filter((text) => catalog.compactionMark(text) === 'continuation').map((text) => text.slice(0, SUMMARY_LIMIT));
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
const COLLABORATION = '<collaboration_mode>';

module.exports = {
  newestMessage, newTexts, isTyped, textsOf, commandsOf, permissionTexts, collaborationTexts, asksToCompact, continuationsOf,
};
