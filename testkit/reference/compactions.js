'use strict';

const catalog = require('./catalog');
const { asksToCompact, commandsOf, continuationsOf } = require('./request');

/** The share of the context window at which the client compacts automatically. */
const FULL = 0.835;
/** A conversation has dropped if it has that many messages fewer, and a context smaller by more than that share of the window. */
const DROP = { messages: 5, share: 0.15 };

/**
 * Counts compactions of main conversations. No event reports them. The signs are a request for a summary, a conversation that
 * continues from a summary, or one that is suddenly shorter. One compaction may show all three signs, and counts once.
 */
class Compactions {
  /**
   * By session: `{state: 'none'|'requested'|'counted', continuations: Set, before, messages}`. `before` is the last main turn with a
   * known context, `messages` the length of the last conversation.
   */
  #sessions = new Map();

  /**
   * @param {object} turn a main turn or a side request, without an error and with a session
   * @param {object} turn.entry
   * @param {*} turn.req
   * @param {boolean} turn.isMain
   * @param {boolean} turn.isSummary whether its agent writes summaries
   * @param {boolean} turn.isSocket
   * @param {number|undefined} turn.context tokens of the request
   * @returns {'manual'|'auto'|'unknown'|undefined} the trigger of a compaction that counts now
   */
  triggerIn(turn) {
    if (turn.isSummary || (turn.isMain && asksToCompact(turn.req))) return this.#request(turn);
    return turn.isMain ? this.#conversation(turn) : undefined;
  }

  /** A request for a summary. Later turns show whether the summary is used. */
  #request({ entry, req }) {
    const session = this.#sessions.get(entry.sessionId) ?? newSession();
    this.#sessions.set(entry.sessionId, session);
    if (session.state === 'counted') return undefined;
    const trigger = triggerOf(req, session.before);
    session.state = trigger === undefined ? 'requested' : 'counted';
    return trigger;
  }

  #conversation({ entry, req, isSocket, context }) {
    const known = this.#sessions.get(entry.sessionId);
    const session = known ?? newSession();
    this.#sessions.set(entry.sessionId, session);
    const { before } = session;
    const grows = !isSocket && entry.msgCount > session.messages;
    if (!isSocket) session.messages = entry.msgCount;
    const now = { msgCount: entry.msgCount, context, window: entry.maxContext };
    const continuations = continuationsOf(req).filter((text) => !session.continuations.has(text));
    for (const text of continuations) session.continuations.add(text);

    // The first turn that we see may be late in a conversation. A socket does not report the length of its conversation.
    const continues = continuations.length > 0 && (known !== undefined || (!isSocket && entry.msgCount <= 2));
    if (continues || (!isSocket && hasDropped(before, now))) {
      const isCounted = session.state === 'counted';
      session.state = 'none';
      // The earlier context is no evidence about the new conversation.
      session.before = now;
      return isCounted ? undefined : (triggerOf(req, before) ?? 'unknown');
    }
    if (grows) session.state = 'none';
    // A turn without usage has no known context.
    if (now.context !== undefined) session.before = now;
    return undefined;
  }
}

function newSession() {
  return { state: 'none', continuations: new Set(), before: undefined, messages: undefined };
}

function triggerOf(req, before) {
  if (commandsOf(req).names.some((name) => catalog.skillRole(name) === 'compact')) return 'manual';
  return hasFill(before) && before.context >= FULL * before.window ? 'auto' : undefined;
}

function hasDropped(before, now) {
  if (!hasFill(before) || !hasFill(now)) return false;
  return before.msgCount - now.msgCount >= DROP.messages && before.context - now.context > DROP.share * before.window;
}

/** Whether a turn's share of the context window is known. */
function hasFill(turn) {
  return typeof turn?.context === 'number' && typeof turn.window === 'number';
}

module.exports = { Compactions };
