'use strict';

const label = require('./catalog');
const { asksToCompact, commandsOf, continuationsOf } = require('./request');

/** Where the client compacts of itself, as a share of the window. */
const FULL = 0.835;
/** A drop of the conversation: so many messages fewer, and a context smaller by more than this share of the window. */
const DROP = { messages: 5, share: 0.15 };

/**
 * Compactions of main conversations. No event says it: there is the request for a summary, the conversation that goes on from it, or one
 * that is short at once. All three may be seen of one compaction, which counts once.
 */
class Compactions {
  /**
   * By session: `{state: 'none'|'asked'|'counted', continuations: Set, before, messages}`: `before` is the last main turn that told how full it
   * was, `messages` how long the last one was.
   */
  #sessions = new Map();

  /**
   * @param {object} turn a main turn, or a side request, without an error and with a session of its own
   * @param {object} turn.entry
   * @param {*} turn.req
   * @param {boolean} turn.isMain
   * @param {boolean} turn.isSummary whether it is the agent that writes summaries
   * @param {boolean} turn.isSocket
   * @param {number|undefined} turn.context tokens of the request
   * @returns {'manual'|'auto'|'unknown'|undefined} what triggered the compaction that is to be counted now
   */
  seen(turn) {
    if (turn.isSummary || (turn.isMain && asksToCompact(turn.req))) return this.#asked(turn);
    return turn.isMain ? this.#went(turn) : undefined;
  }

  /** The request compacts; whether the answer is used, the next turns show. */
  #asked({ entry, req }) {
    const session = this.#sessions.get(entry.sessionId) ?? newSession();
    this.#sessions.set(entry.sessionId, session);
    if (session.state === 'counted') return undefined;
    const trigger = triggerOf(req, session.before);
    session.state = trigger === undefined ? 'asked' : 'counted';
    return trigger;
  }

  #went({ entry, req, isSocket, context }) {
    const known = this.#sessions.get(entry.sessionId);
    const session = known ?? newSession();
    this.#sessions.set(entry.sessionId, session);
    const { before } = session;
    const grows = !isSocket && entry.msgCount > session.messages;
    if (!isSocket) session.messages = entry.msgCount;
    const now = { msgCount: entry.msgCount, context, window: entry.maxContext };
    const continuations = continuationsOf(req).filter((text) => !session.continuations.has(text));
    for (const text of continuations) session.continuations.add(text);

    // A conversation that is new to us may have gone on long before; a socket does not say how long it is.
    const goesOn = continuations.length > 0 && (known !== undefined || (!isSocket && entry.msgCount <= 2));
    if (goesOn || (!isSocket && hasDropped(before, now))) {
      const isCounted = session.state === 'counted';
      session.state = 'none';
      // How full it was before says nothing about what comes after.
      session.before = now;
      return isCounted ? undefined : (triggerOf(req, before) ?? 'unknown');
    }
    if (grows) session.state = 'none';
    // A turn without a usage does not say how full it is.
    if (now.context !== undefined) session.before = now;
    return undefined;
  }
}

function newSession() {
  return { state: 'none', continuations: new Set(), before: undefined, messages: undefined };
}

function triggerOf(req, before) {
  if (commandsOf(req).names.some((name) => label.skillRole(name) === 'compact')) return 'manual';
  return hasFill(before) && before.context >= FULL * before.window ? 'auto' : undefined;
}

function hasDropped(before, now) {
  if (!hasFill(before) || !hasFill(now)) return false;
  return before.msgCount - now.msgCount >= DROP.messages && before.context - now.context > DROP.share * before.window;
}

/** Whether it is known how much of its window a turn filled. */
function hasFill(turn) {
  return typeof turn?.context === 'number' && typeof turn.window === 'number';
}

module.exports = { Compactions };
