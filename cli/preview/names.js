'use strict';

/** The kinds of names: one, and several. */
const KINDS = {
  model: ['model', 'models'],
  tool: ['tool', 'tools'],
  mcp_server: ['MCP server', 'MCP servers'],
  mcp_tool: ["MCP server's tool", "MCP servers' tools"],
  skill: ['skill', 'skills'],
  agent_type: ['agent type', 'agent types'],
  error_type: ['error type', 'error types'],
  stop_reason: ['stop reason', 'stop reasons'],
  permission_mode: ['permission mode', 'permission modes'],
};

/** Why something else is sent. */
const REPLACED = {
  not_in_catalog: 'not in a catalog',
  private: 'looks like a secret, a path or an address',
  too_long: 'too long for a name',
  limit: 'more names than the limit of the attribute',
};

/**
 * @param {string} kind as the addon returns it
 * @param {number} [amount] Default: one
 * @returns {string}
 */
function kindText(kind, amount = 1) {
  const [one, several] = KINDS[kind] ?? [kind, kind];
  return amount === 1 ? one : several;
}

/**
 * @param {object[]} decisions as the addon returns them
 * @param {boolean} isPublished whether to list published names, or those that are sent for another reason
 * @returns {[string, string[]][]} the names that are sent, by kind
 */
function sentNames(decisions, isPublished) {
  const sent = decisions.filter(({ reason }) => !isReplaced(reason) && (reason === 'catalog') === isPublished);
  const kinds = [...new Set(sent.map(({ kind }) => kind))];
  return kinds.map((kind) => [kind, [...new Set(sent.filter((each) => each.kind === kind).map((each) => each.sent))]]);
}

/**
 * @param {object[]} decisions as the addon returns them
 * @returns {string[]} a line for each name that is replaced; names that are not shown share a line
 */
function replacedNames(decisions) {
  const replaced = decisions.filter(({ reason }) => isReplaced(reason));
  const hidden = new Map();
  for (const { kind, sent, reason } of replaced.filter(({ name }) => name === undefined)) {
    const key = [kind, sent, reason].join(' ');
    const group = hidden.get(key) ?? { kind, sent, reason, amount: 0 };
    group.amount += 1;
    hidden.set(key, group);
  }
  return [
    ...replaced.filter(({ name }) => name !== undefined).map(({ kind, name, sent, reason }) => `${kindText(kind)} ${name} → ${sent} (${REPLACED[reason]})`),
    ...[...hidden.values()].map(({ kind, sent, reason, amount }) => `${amount} ${kindText(kind, amount)} not shown here → ${sent} (${hiddenReason(reason)})`),
  ];
}

/** A name that is not in a catalog is not shown only if it looks like a secret, too. */
function hiddenReason(reason) {
  return reason === 'not_in_catalog' ? `${REPLACED.not_in_catalog}; ${REPLACED.private}` : REPLACED[reason];
}

function isReplaced(reason) {
  return Object.hasOwn(REPLACED, reason);
}

module.exports = { isReplaced, kindText, replacedNames, sentNames };
