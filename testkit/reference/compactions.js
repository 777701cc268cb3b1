'use strict';

const catalog = require('./catalog');
const { compactsInResponse } = require('./compaction-signs');
const { asksToCompact, commandsOf, continuationOf } = require('./request');

/** The share of the context window at which the client compacts automatically. */
const FULL = 0.835;
/** A conversation has dropped if it has that many messages fewer, and a context smaller by more than that share of the window. */
const DROP = { messages: 5, share: 0.15 };
/** A conversation with more messages is not new. */
const FIRST_MESSAGES = 2;

/**
 * Counts compactions of main conversations. The signs are a request for a summary, a response in which the server compacts, a
 * conversation that continues from another summary, the number of its window, or one that is suddenly shorter. One compaction may show
 * all of them, and counts once. A request counts at once if it says who wanted it or if its response is the compaction, otherwise when
 * the next turn shows that it was done: only that turn has the user's command.
 */
class Compactions {
  /** By session, see newSession. */
  #sessions = new Map();

  /**
   * @param {object} facts of a complete main turn or side request with a session; see facts.js
   * @param {boolean} isMain
   * @param {boolean} isSummary whether its agent writes summaries
   * @returns {'manual'|'auto'|'unknown'|undefined} the trigger of the compaction that counts now
   */
  triggerIn(facts, isMain, isSummary) {
    if (!isMain && !isSummary) return undefined;
    const { req, metadata } = facts;
    const isKnown = this.#sessions.has(facts.session);
    const session = this.#sessions.get(facts.session) ?? newSession();
    this.#sessions.set(facts.session, session);
    if (isSummary || asksToCompact(req) || catalog.requestRole(metadata.request_kind) === 'compaction') return requested(session, facts);
    const earlier = continued(session, facts, isKnown);
    if (!compactsInResponse(facts)) return earlier;
    session.state = 'counted';
    // If the turn shows an earlier compaction, too, both count as one.
    return toldTrigger(metadata) ?? 'auto';
  }
}

/**
 * `before` is the last main turn with a known context. `messages` is the length of the last conversation, `number` that of its window,
 * `summary` what identifies the one that it continues from.
 */
function newSession() {
  return { state: 'none', summary: undefined, before: undefined, messages: undefined, number: undefined };
}

/** A request for a summary. */
function requested(session, facts) {
  const { req, metadata } = facts;
  const now = sizeOf(facts);
  session.before ??= now.context === undefined ? undefined : now;
  // The request is longer than the conversation, so a shorter turn behind it proves nothing.
  session.messages ??= now.messages;
  session.number = numberIn(metadata) ?? session.number;
  if (session.state === 'counted') return undefined;
  const told = toldTrigger(metadata) ?? (isManual(req) ? 'manual' : undefined);
  const trigger = told ?? (compactsInResponse(facts) ? fillTrigger(session.before) : undefined);
  session.state = trigger === undefined ? 'requested' : 'counted';
  return trigger;
}

/** A turn of the conversation, which may show that it was compacted before. */
function continued(session, facts, isKnown) {
  const { req, metadata } = facts;
  const { before, state } = session;
  const now = sizeOf(facts);
  const trigger = isManual(req) ? 'manual' : fillTrigger(before);
  const isSeen = isCompacted(session, facts, now, isKnown);
  const isGrowing = now.messages > session.messages;
  session.summary = continuationOf(req) ?? session.summary;
  session.messages = now.messages ?? session.messages;
  session.number = numberIn(metadata) ?? session.number;
  // The size before a compaction is no evidence about the conversation behind it. Otherwise, a turn without usage has no known size.
  const isOver = isSeen || state === 'counted';
  session.before = isOver || now.context !== undefined ? now : before;
  session.state = !isOver && state === 'requested' && !isGrowing ? 'requested' : 'none';
  return isSeen && state !== 'counted' ? trigger : undefined;
}

/** Whether a turn shows that its conversation was compacted. */
function isCompacted({ state, summary, before, messages, number }, { req, metadata }, now, isKnown) {
  const continuation = continuationOf(req);
  // The first turn that we see may be late in a conversation, unless the user has just compacted it.
  const isNew = isKnown || now.messages <= FIRST_MESSAGES || isManual(req);
  if (continuation !== undefined && continuation !== summary && isNew) return true;
  if (numberIn(metadata) > number || isSmaller(before, now)) return true;
  return state === 'requested' && (now.messages < messages || isManual(req));
}

function isSmaller(before, now) {
  if (before?.context === undefined || now.context === undefined) return false;
  return before.messages - now.messages >= DROP.messages && before.context - now.context > DROP.share * before.window;
}

function isManual(req) {
  return commandsOf(req).names.some((name) => catalog.skillRole(name) === 'compact');
}

function toldTrigger({ compaction }) {
  return ['manual', 'auto'].includes(compaction?.trigger) ? compaction.trigger : undefined;
}

function numberIn({ window_number: number }) {
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}

function fillTrigger(before) {
  return before?.context >= FULL * before?.window ? 'auto' : 'unknown';
}

/** The messages of a turn, unknown on a socket, and its context with the window, both unknown if one of them is. */
function sizeOf({ entry, usage, window, isSocket }) {
  const messages = isSocket || !Number.isInteger(entry.msgCount) ? undefined : entry.msgCount;
  const context = usage?.counts.input !== undefined && usage.context > 0 && window !== undefined ? usage.context : undefined;
  return { messages, context, window };
}

module.exports = { Compactions };
