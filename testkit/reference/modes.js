'use strict';

const label = require('./catalog');
const { isTyped, newestMessage, permissionTexts, textsOf } = require('./request');

/** What the agent may do on its own, by session, because not every request says it. */
class Modes {
  #policies = new Map();
  #planning = new Set();

  /**
   * @param {object} turn
   * @param {string|undefined} turn.session
   * @param {string} turn.agent
   * @param {*} turn.req
   * @param {boolean} turn.isSubagent
   * @param {(string|undefined)[]} turn.roles roles of the tools that a good answer calls
   * @returns {{mode: string|undefined, isSaid: boolean}} the mode of this turn, where it is known, and whether its request says it
   */
  of(turn) {
    if (turn.agent === 'codex') return this.#policy(turn);
    return { mode: turn.isSubagent ? undefined : this.#plan(turn), isSaid: false };
  }

  /** Codex is told by its client; a socket carries that in its first frame only. */
  #policy({ session, req }) {
    const said = permissionTexts(req).map((text) => label.modeIn('policy', text)).filter((mode) => mode !== undefined);
    const mode = said.at(-1) ?? this.#policies.get(session);
    if (mode !== undefined && session !== undefined) this.#policies.set(session, mode);
    return { mode, isSaid: said.length > 0 };
  }

  /** The others show nothing but whether they plan; what the model asks for holds from the next turn on. */
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
    if (texts.some((text) => label.modeIn('plan', text) !== undefined)) return true;
    if (texts.some((text) => label.modeIn('left_plan', text) !== undefined) || isTyped(req)) return false;
    return this.#planning.has(session);
  }
}

module.exports = { Modes };
