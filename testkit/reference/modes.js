'use strict';

const catalog = require('./catalog');
const { isTyped, newestMessage, permissionTexts, textsOf } = require('./request');

/** Remembers the permission mode of each session, because not every request reports it. */
class Modes {
  #policies = new Map();
  #planning = new Set();

  /**
   * @param {object} turn
   * @param {string|undefined} turn.session
   * @param {string} turn.agent
   * @param {*} turn.req
   * @param {boolean} turn.isSubagent
   * @param {(string|undefined)[]} turn.roles roles of the tools that a complete response calls
   * @returns {{mode: string|undefined, isReported: boolean}} the mode of this turn, if known, and whether its request reports it
   */
  of(turn) {
    if (turn.agent === 'codex') return this.#policy(turn);
    return { mode: turn.isSubagent ? undefined : this.#plan(turn), isReported: false };
  }

  /** Codex's client states the policy in the request. On a socket, only the first frame has it. */
  #policy({ session, req }) {
    const reported = permissionTexts(req).map((text) => catalog.modeIn('policy', text)).filter((mode) => mode !== undefined);
    const mode = reported.at(-1) ?? this.#policies.get(session);
    if (mode !== undefined && session !== undefined) this.#policies.set(session, mode);
    return { mode, isReported: reported.length > 0 };
  }

  /** Other agents show only whether they plan. A mode that the model switches to applies from the next turn on. */
  #plan({ session, req, roles }) {
    const isPlanning = this.#isPlanning(session, req);
    let next = isPlanning;
    for (const role of roles) {
      if (role === 'enter_plan') next = true;
      if (role === 'leave_plan') next = false;
    }
    if (session !== undefined && next) this.#planning.add(session);
    else this.#planning.delete(session);
    return isPlanning ? 'plan' : undefined;
  }

  #isPlanning(session, req) {
    const texts = textsOf(newestMessage(req));
    if (texts.some((text) => catalog.modeIn('plan', text) !== undefined)) return true;
    if (texts.some((text) => catalog.modeIn('left_plan', text) !== undefined) || isTyped(req)) return false;
    return this.#planning.has(session);
  }
}

module.exports = { Modes };
