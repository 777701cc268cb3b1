'use strict';

const catalog = require('./catalog');
const { collaborationTexts, newTexts, permissionTexts } = require('./request');

/** What Claude Code writes into the next message when the user refuses a call. */
const INTERRUPTED = '[Request interrupted by user for tool use]';

/** Remembers the permission mode of each session, because not every request reports it. */
class Modes {
  #policies = new Map();
  #collaborations = new Map();
  #planning = new Set();
  /** By session: the calls that enter or leave plan mode, whose results are not known yet. */
  #pending = new Map();

  /**
   * @param {object} turn
   * @param {string|undefined} turn.session
   * @param {string} turn.agent
   * @param {*} turn.req
   * @param {boolean} turn.isSubagent
   * @param {object[]|null|undefined} turn.results of the calls of the turn before, as the host has them
   * @param {{role: string|undefined, id: string|undefined}[]} turn.calls what a complete response calls
   * @returns {{mode: string|undefined, policy: string|undefined}} the mode of this turn, if known, and the policy in its own request
   */
  of(turn) {
    if (turn.agent === 'codex') return this.#codex(turn);
    return { mode: !turn.isSubagent && this.#isPlanning(turn) ? 'plan' : undefined, policy: undefined };
  }

  /** Codex states the policy and whether it plans. On a socket, only the first frame has them. */
  #codex({ session, req, isSubagent }) {
    const policies = permissionTexts(req).map((text) => catalog.modeIn('policy', text)).filter((mode) => mode !== undefined);
    const policy = remembered(this.#policies, session, policies.at(-1));
    const told = collaborationTexts(req).map(isPlanHeading).at(-1);
    const isPlanning = isSubagent ? told : remembered(this.#collaborations, session, told);
    return { mode: isPlanning === true ? 'plan' : policy, policy: policies.at(-1) };
  }

  /**
   * Other agents show only whether they plan: by a text when it begins or ends, and by calls that begin or end it once their results say
   * that the user agreed.
   */
  #isPlanning({ session, req, results, calls }) {
    const texts = newTexts(req);
    const settled = (this.#pending.get(session) ?? []).findLast(({ id }) => !isRefused(id, results, texts));
    const wasPlanning = settled === undefined ? this.#planning.has(session) : settled.role === 'enter_plan';
    const isPlanning = texts.map(planMark).findLast((mark) => mark !== undefined) ?? wasPlanning;
    if (session === undefined) return isPlanning;
    this.#pending.set(session, calls.filter(({ role }) => role === 'enter_plan' || role === 'leave_plan'));
    if (isPlanning) this.#planning.add(session);
    else this.#planning.delete(session);
    return isPlanning;
  }
}

function remembered(values, session, told) {
  const value = told ?? values.get(session);
  if (value !== undefined && session !== undefined) values.set(session, value);
  return value;
}

/** Whether the text that tells the collaboration mode is about planning. It begins with a heading. */
function isPlanHeading(text) {
  return /^\s*#[^\n]*\bplan\b/i.test(text);
}

/** Whether the last mark in a text begins plan mode; undefined without a mark. */
function planMark(text) {
  const begun = catalog.lastModeAt('plan', text);
  const left = catalog.lastModeAt('left_plan', text);
  return begun < 0 && left < 0 ? undefined : begun > left;
}

/** A host without results does not say that a call failed. */
function isRefused(id, results, texts) {
  const result = (results ?? []).find(({ callId }) => id !== undefined && callId === id);
  return result === undefined ? texts.some((text) => text.includes(INTERRUPTED)) : result.toolFail === true;
}

module.exports = { Modes };
