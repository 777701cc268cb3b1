'use strict';

/**
 * The one line that ccxray appends to `index.ndjson` for an entry.
 * @param {object} entry a finished entry, `req` and `res` may be attached
 * @returns {string} JSON without line end; keys in ccxray's order, no `req` and no `res`
 */
function indexLine(entry) {
  const line = {};
  for (const field of INDEX_FIELDS) {
    const value = entry[field];
    if (value === undefined || (value === null && OMIT_IF_NULL.has(field))) continue;
    line[field] = value;
  }
  return JSON.stringify(line);
}

/** Every field of the line, in the order in which ccxray writes them. */
const INDEX_FIELDS = [
  'id', 'ts', 'sessionId', 'provider', 'agent', 'model', 'msgCount', 'toolCount', 'toolCalls', 'skillCalls',
  'isSubagent', 'sessionInferred', 'cwd', 'isSSE', 'usage', 'cost', 'maxContext', 'responseMetadata', 'stopReason',
  'title', 'thinkingDuration', 'toolFail', 'elapsed', 'status', 'receivedAt', 'sysHash', 'toolsHash', 'coreHash',
  'agentKey', 'agentLabel', 'convId', 'thinkingStripped', 'hasCredential', 'toolSources', 'edited', 'editSummary',
  'imported', 'importSource', 'responseId', 'turnToolCalls', 'turnToolFail', 'turnToolCallIds', 'turnToolResults',
  'beta1m', 'agentId', 'userEmail', 'team', 'agentType', 'localDate', 'tz', 'duplicateToolCalls', 'ctxBeta',
  'parentSessionId',
];

/** Fields that are left out, not written as null. */
const OMIT_IF_NULL = new Set([
  'agentId', 'userEmail', 'team', 'agentType', 'localDate', 'tz', 'duplicateToolCalls', 'parentSessionId',
]);

module.exports = { indexLine, INDEX_FIELDS, OMIT_IF_NULL };
