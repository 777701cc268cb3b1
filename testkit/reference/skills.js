'use strict';

const catalog = require('./catalog');

/**
 * Finds the skills that a turn activates. After a user's command the model often calls the same skill, in the same turn or in a
 * later one. Both together are one activation.
 */
class Skills {
  /** By session: the skills of commands that the model has not called yet. */
  #waiting = new Map();

  /**
   * @param {object} turn
   * @param {string|undefined} turn.session undefined for sub-agents and for entries without a session
   * @param {string[]} turn.commands names in the user's markers
   * @param {boolean} turn.isRejected whether the client sends the same request again, so that only the next one counts
   * @param {boolean} turn.hasTyped whether the user typed a text
   * @param {string[]} turn.called names in the model's calls
   * @returns {string[]} one name for each activation
   */
  activated({ session, commands, isRejected, hasTyped, called }) {
    const commanded = isRejected ? [] : commands.filter((name) => !['built_in', 'compact'].includes(catalog.skillRole(name)));
    const before = this.#waiting.get(session) ?? [];
    const waiting = new Set([...before.filter((name) => !hasTyped || commands.includes(name)), ...commanded]);
    // Only the first call belongs to the command.
    const further = called.filter((name) => !waiting.delete(name));
    if (session !== undefined) this.#waiting.set(session, Array.from(waiting));
    return [...commanded, ...further];
  }
}

module.exports = { Skills };
