'use strict';

const catalog = require('./catalog');
const { compactsInResponse, endsInTrigger, hasCompactedItem } = require('./compaction-signs');
const { asksToCompact, commandsOf, continuationsOf } = require('./request');

/** The share of the context window at which the client compacts automatically. */
const FULL = 0.835;
/** A conversation has dropped if it has that many messages fewer, and a context smaller by more than that share of the window. */
const DROP = { messages: 5, share: 0.15 };

/**
 * Counts compactions of main conversations. The signs are a request for a summary, a response in which the server compacts, a
 * conversation that continues from a summary, the number of its window, or one that is suddenly shorter. One compaction may show all of
 * them, and counts once. A request counts at once if it says who wanted it or if its response is the compaction, otherwise when the
 * next turn shows that it was done: only that turn has the user's command.
 */
class Compactions {
  /**
   * By session: `{state: 'none'|'requested'|'counted', continuations: Set, before, messages, hasItem, number}`. `before` is the last
   * main turn with a known context, `messages` the length of the last conversation, `number` that of the last window.
   */
  #sessions = new Map();

  /**
   * @param {object} facts of a main turn or a side request, without an error and with a session; see facts.js
   * @param {boolean} isMain
   * @param {boolean} isSummary whether its agent writes summaries
   * @returns {('manual'|'auto'|'unknown')[]} the triggers of the compactions that count now
   */
  triggersIn(facts, isMain, isSummary) {
    if (!isMain && !isSummary) return [];
    const { entry, req, metadata } = facts;
    const isKnown = this.#sessions.has(entry.sessionId);
    const session = this.#sessions.get(entry.sessionId) ?? newSession();
    this.#sessions.set(entry.sessionId, session);
    if (isSummary || asksToCompact(req) || endsInTrigger(req) || metadata.request_kind === 'compaction') return requested(session, facts);
    const earlier = continued(session, facts, isKnown);
    if (!compactsInResponse(facts)) return earlier;
    session.state = 'counted';
    return [...earlier, entry.provider === 'anthropic' ? 'auto' : (toldTrigger(metadata) ?? fillTrigger(session.before))];
  }
}

/** A request for a summary. */
function requested(session, facts) {
  if (session.state === 'counted') return [];
  const { req, metadata } = facts;
  const told = isManual(req) ? 'manual' : toldTrigger(metadata);
  const isDone = told !== undefined || metadata.request_kind === 'compaction' || compactsInResponse(facts);
  session.state = isDone ? 'counted' : 'requested';
  return isDone ? [told ?? fillTrigger(session.before)] : [];
}

/** A turn of the conversation, which may show that it was compacted before. */
function continued(session, facts, isKnown) {
  const { entry, req, isSocket } = facts;
  const { before, messages, state } = session;
  const now = { msgCount: entry.msgCount, context: contextOf(facts), window: facts.window };
  const isSeen = hasNewWindow(session, facts, isKnown) || isShorter(state, before, now, isSocket) || (state === 'requested' && isManual(req));
  if (!isSocket) session.messages = entry.msgCount;
  if (isSeen) {
    session.state = 'none';
    // The earlier context is no evidence about the new conversation.
    session.before = now;
    return state === 'counted' ? [] : [isManual(req) ? 'manual' : fillTrigger(before)];
  }
  if (isSocket ? state === 'counted' : entry.msgCount > messages) session.state = 'none';
  // A turn without usage has no known context.
  if (now.context !== undefined) session.before = now;
  return [];
}

/** Whether the request continues from another summary than before, or in another window. Remembers both. */
function hasNewWindow(session, { entry, req, metadata, isSocket }, isKnown) {
  const continuations = continuationsOf(req).filter((text) => !session.continuations.has(text));
  for (const text of continuations) session.continuations.add(text);
  const hasItem = hasCompactedItem(req);
  const isNewItem = hasItem && !session.hasItem;
  session.hasItem = isSocket ? hasItem : (session.hasItem || hasItem);
  const number = metadata.window_number;
  const isNewNumber = Number.isInteger(number) && number > session.number;
  if (Number.isInteger(number)) session.number = number;
  // The first turn that we see may be late in a conversation. A socket does not report the length of its conversation.
  const isContinued = continuations.length > 0 && (isKnown || (!isSocket && entry.msgCount <= 2));
  return isContinued || (isKnown && (isNewItem || isNewNumber));
}

/** After a request for a summary, a smaller context is enough: the last exchange may be kept. */
function isShorter(state, before, now, isSocket) {
  if (isSocket || !hasFill(before) || !hasFill(now)) return false;
  const isSmaller = before.context - now.context > DROP.share * before.window;
  return isSmaller && (state === 'requested' || before.msgCount - now.msgCount >= DROP.messages);
}

function newSession() {
  return { state: 'none', continuations: new Set(), before: undefined, messages: undefined, hasItem: false, number: undefined };
}

function isManual(req) {
  return commandsOf(req).names.some((name) => catalog.skillRole(name) === 'compact');
}

function toldTrigger({ compaction }) {
  return ['manual', 'auto'].includes(compaction?.trigger) ? compaction.trigger : undefined;
}

function fillTrigger(before) {
  return hasFill(before) && before.context >= FULL * before.window ? 'auto' : 'unknown';
}

function contextOf({ usage }) {
  return usage?.counts.input !== undefined && usage.context > 0 ? usage.context : undefined;
}

/** Whether a turn's share of the context window is known. */
function hasFill(turn) {
  return typeof turn?.context === 'number' && typeof turn.window === 'number';
}

module.exports = { Compactions };
