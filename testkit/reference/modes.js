'use strict';

const catalog = require('./catalog');
const { collaborationTexts, newTexts, newestMessage, permissionTexts, textsOf } = require('./request');

/** Remembers the permission mode of each session, because not every request reports it. */
class Modes {
  #policies = new Map();
  /** Those of sub-agents. */
  #subPolicies = new Map();
  #planning = new Set();
  /** By session: the calls that enter or leave plan mode, whose results are not known yet. */
  #pending = new Map();

  /**
   * @param {object} facts of a turn, see facts.js
   * @returns {{mode: string|undefined, policy: string|undefined}} the mode of this turn, if known, and the policy in its own request
   */
  of(facts) {
    const { entry, session, req, isSubagent } = facts;
    const isCodex = entry.agent === 'codex';
    const told = isCodex ? permissionTexts(req).map((text) => catalog.modeIn('policy', text)) : [];
    const policy = told.findLast((mode) => mode !== undefined);
    // Only the main agent plans.
    if (isSubagent) return { mode: remembered(this.#subPolicies, session, policy) ?? this.#policies.get(session), policy };
    const general = remembered(this.#policies, session, policy);
    const marks = isCodex ? collaborationTexts(req).map((text) => catalog.modeBegunBy(text) === 'plan') : newTexts(req).map(planMark);
    return { mode: this.#isPlanning(facts, marks.findLast((mark) => mark !== undefined)) ? 'plan' : general, policy };
  }

  /** Plan mode begins and ends with a mark, or with a call once its result says that the user agreed. */
  #isPlanning({ entry, session, req, error, isTruncated, isRejected, calls = [] }, mark) {
    let isPlanning = this.#planning.has(session);
    // The request of a failed turn is sent again, with the same results.
    if (error === undefined) {
      const results = isRejected ? undefined : (entry.turnToolResults ?? undefined);
      const settled = (this.#pending.get(session) ?? []).findLast(({ id }) => isAgreed(id, results, req));
      isPlanning = settled === undefined ? isPlanning : settled.role === 'enter_plan';
      if (session !== undefined) this.#pending.set(session, isTruncated ? [] : planCalls(entry, calls));
    }
    isPlanning = mark ?? isPlanning;
    if (session === undefined) return isPlanning;
    if (isPlanning) this.#planning.add(session);
    else this.#planning.delete(session);
    return isPlanning;
  }
}

/** The calls that change plan mode, with the ids that the host lists for them. */
function planCalls({ turnToolCallIds }, calls) {
  const ids = Object.entries(turnToolCallIds ?? {}).map(([id, name]) => ({ id, role: catalog.toolRole(name) }));
  return calls.filter(({ role, isCut }) => !isCut && (role === 'enter_plan' || role === 'leave_plan')).map(({ role }) => {
    const at = ids.findIndex((listed) => listed.role === role);
    return { role, id: at < 0 ? undefined : ids.splice(0, at + 1).at(-1).id };
  });
}

/** A call without a result has not run. A host without results, or without ids, shows only whether anything was refused. */
function isAgreed(id, results, req) {
  if (id !== undefined && results !== undefined) return results.some((result) => result.callId === id && result.toolFail !== true);
  return !textsOf(newestMessage(req)).some((text) => catalog.modeBegunBy(text) === 'refused') && !(results ?? []).some(({ toolFail }) => toolFail === true);
}

function remembered(values, session, told) {
  const value = told ?? values.get(session);
  if (value !== undefined && session !== undefined) values.set(session, value);
  return value;
}

/** Whether the last mark in a text begins plan mode; undefined without a mark. */
function planMark(text) {
  const begun = catalog.lastModeAt('plan', text);
  const left = catalog.lastModeAt('left_plan', text);
  return begun < 0 && left < 0 ? undefined : begun > left;
}

module.exports = { Modes };
