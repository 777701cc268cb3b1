'use strict';

/**
 * The line that ccxray appends to `index.ndjson` for an entry.
 * @param {object} entry a finished entry, perhaps with `req` and `res`
 * @returns {string} JSON without a line end, with keys in ccxray's order, and without `req` and `res`
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

/** All fields of the line, in ccxray's order. */
const INDEX_FIELDS = [
  'id', 'ts', 'sessionId', 'provider', 'agent', 'model', 'msgCount', 'toolCount', 'toolCalls', 'skillCalls',
  'isSubagent', 'sessionInferred', 'cwd', 'isSSE', 'usage', 'cost', 'maxContext', 'responseMetadata', 'stopReason',
  'title', 'thinkingDuration', 'toolFail', 'elapsed', 'status', 'receivedAt', 'sysHash', 'toolsHash', 'coreHash',
  'agentKey', 'agentLabel', 'convId', 'thinkingStripped', 'hasCredential', 'toolSources', 'edited', 'editSummary',
  'imported', 'importSource', 'responseId', 'turnToolCalls', 'turnToolFail', 'turnToolCallIds', 'turnToolResults',
  'beta1m', 'agentId', 'userEmail', 'team', 'agentType', 'localDate', 'tz', 'duplicateToolCalls', 'ctxBeta',
  'parentSessionId',
];

/** Fields that are omitted if they are null. */
const OMIT_IF_NULL = new Set([
  'agentId', 'userEmail', 'team', 'agentType', 'localDate', 'tz', 'duplicateToolCalls', 'parentSessionId',
]);

module.exports = { indexLine, INDEX_FIELDS, OMIT_IF_NULL };
