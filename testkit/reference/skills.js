'use strict';

const label = require('./catalog');

/**
 * Which skills a turn activates. What a user commands is often followed by the model's call of the same skill, in the same turn or in a
 * later one, which is the same activation.
 */
class Skills {
  /** By session: what was commanded and not called yet. */
  #waiting = new Map();

  /**
   * @param {object} turn
   * @param {string|undefined} turn.session what to remember it by; undefined for sub-agents and for what belongs to no session
   * @param {string[]} turn.commands names in the user's markers
   * @param {boolean} turn.isRefused whether the same request comes again, and only that one counts
   * @param {boolean} turn.hasTyped whether somebody typed a text
   * @param {string[]} turn.called names in the model's calls
   * @returns {string[]} a name per activation
   */
  activated({ session, commands, isRefused, hasTyped, called }) {
    const commanded = isRefused ? [] : commands.filter((name) => !['built_in', 'compact'].includes(label.skillRole(name)));
    const before = this.#waiting.get(session) ?? [];
    const waiting = new Set([...before.filter((name) => !hasTyped || commands.includes(name)), ...commanded]);
    // Only a first call is the one that was commanded.
    const anew = called.filter((name) => !waiting.delete(name));
    if (session !== undefined) this.#waiting.set(session, Array.from(waiting));
    return [...commanded, ...anew];
  }
}

module.exports = { Skills };
