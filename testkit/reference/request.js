'use strict';

const catalog = require('./catalog');

/** How much of a summary identifies it, in characters. A host that keeps an excerpt keeps so much of it. */
const SUMMARY_LIMIT = 2000;
/** How much of the content of an item of the server identifies it, in characters. */
const ITEM_LIMIT = 64;

/**
 * The newest message of the user, or the newest input item if its role is `user`. The client may write messages of its own behind it.
 * @returns {object|undefined}
 */
function newestMessage(req) {
  const newest = historyOf(req).findLast((message) => !isNote(req, message));
  return newest?.role === 'user' ? newest : undefined;
}

/** @returns {string[]} the texts of the newest message and of the client's messages behind it */
function newTexts(req) {
  const history = historyOf(req);
  const notes = history.slice(history.findLastIndex((message) => !isNote(req, message)) + 1);
  return [newestMessage(req), ...(Array.isArray(req?.messages) ? notes : [])].flatMap(textsOf);
}

function isNote(req, { role }) {
  return role === 'system' || (role === 'developer' && !Array.isArray(req.messages));
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

/** @returns {string[]} the descriptions of Codex's collaboration modes, in order. A mark within a line is only a mention */
function collaborationTexts(req) {
  return developers(req).flatMap((text) => Array.from(text.matchAll(COLLABORATION), ({ index, 0: mark }) => text.slice(index + mark.length).trimStart()));
}

/** The developer's texts with a mark, each from the end of the mark on. */
function developerTexts(req, mark) {
  return developers(req).filter((text) => text.includes(mark)).map((text) => text.slice(text.indexOf(mark) + mark.length));
}

function developers(req) {
  return historyOf(req).filter(({ role }) => role === 'developer').flatMap(textsOf);
}

/** @returns {boolean} whether a request asks for a summary: by the last text of the user that is not a reminder, or by an item behind it */
function asksToCompact(req) {
  const steps = Array.isArray(req?.messages) ? [] : historyOf(req).filter(({ role, type }) => role === 'user' || catalog.compactionItem(type) !== undefined);
  if (catalog.compactionItem(steps.at(-1)?.type) === 'request') return true;
  const last = textsOf(newestMessage(req)).findLast((text) => !/^<system-reminder>[^]*<\/system-reminder>\s*$/.test(text));
  return last !== undefined && catalog.compactionMark(last) === 'request';
}

/** @returns {string|undefined} what identifies the summary that a conversation continues from, by a text or by an item: the last one */
function continuationOf(req) {
  const history = historyOf(req);
  const looked = Array.isArray(req?.messages) ? [history[0], newestMessage(req)] : history;
  return looked.filter((message) => message !== undefined).flatMap(summariesIn).at(-1);
}

function summariesIn(message) {
  if (message.role === 'user') {
    const texts = textsOf(message).filter((text) => catalog.compactionMark(text) === 'continuation');
    return texts.map((text) => `text ${text.trimStart().slice(0, SUMMARY_LIMIT)}`);
  }
  if (catalog.compactionItem(message.type) !== 'continuation') return [];
  return [`item ${message.id ?? ''} ${(message.encrypted_content ?? '').slice(0, ITEM_LIMIT)}`];
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
const COLLABORATION = /(?<=^[ \t]*)<collaboration_mode>/gm;

module.exports = {
  newestMessage, newTexts, isTyped, textsOf, commandsOf, permissionTexts, collaborationTexts, asksToCompact, continuationOf,
};
