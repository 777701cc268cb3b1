'use strict';

/** The input items of a Responses request that tell something new. */

const { newestMessage } = require('./messages');
const { modeOf, permissionsOf } = require('./permissions');
const { summaryMessage } = require('./summary');
const { textBlocks, word } = require('./text');

/** Types of the input items that show a compaction. */
const COMPACTION_TRIGGER = 'compaction_trigger';
const COMPACTIONS = new Set([COMPACTION_TRIGGER, 'compaction', 'compaction_summary', 'context_compaction']);
const NONE = [];

/**
 * Of an input: the newest message of the user, the newest permissions and collaboration mode, the newest summary, and a
 * request for a summary. Reads backwards, because of each kind the newest one counts.
 */
function newInput(input) {
  const found = [];
  const seen = { permissions: false, mode: false, summary: false, user: false };
  let newest;
  for (let i = input.length - 1; i >= 0; i -= 1) {
    const item = input[i];
    const role = item?.role;
    if (role === 'developer') {
      if (!seen.permissions || !seen.mode) keep(found, developerItem(item.content, seen));
    } else if (newest === undefined) {
      if (role !== 'system') {
        newest = item ?? {};
        keep(found, newestItem(newest, seen));
      }
    } else if (role === 'user' || COMPACTIONS.has(item?.type)) {
      keep(found, olderItem(item, seen));
    }
  }
  // An older message of the user must not take the place of the newest item.
  const isLast = newest === undefined || (newest.role === 'user' && newestMessage(newest, false).length > 0);
  if (!isLast && found.some(({ role }) => role === 'user')) found.push({ type: newest.type, role: newest.role });
  return found.length > 0 ? { input: found } : undefined;
}

function keep(found, item) {
  if (item) found.unshift(item);
}

/** The newest permissions and the newest collaboration mode in a message of the developer, if they were not seen yet. */
function developerItem(content, seen) {
  let rules;
  let mode;
  textBlocks(content, (text, type) => {
    const found = seen.permissions || rules ? undefined : permissionsOf(text);
    if (found !== undefined) rules = { type, text: found };
    const start = seen.mode || mode ? undefined : modeOf(text);
    if (start !== undefined) mode = { type, text: start };
  });
  seen.permissions ||= rules !== undefined;
  seen.mode ||= mode !== undefined;
  const kept = [rules, mode].filter(Boolean);
  return kept.length > 0 ? { type: 'message', role: 'developer', content: kept } : undefined;
}

function newestItem(item, seen) {
  if (item.role !== 'user') return COMPACTIONS.has(item.type) ? olderItem(item, seen) : undefined;
  seen.user = true;
  seen.summary = summaryMessage(item).length > 0;
  return asItem(newestMessage(item, false));
}

function olderItem(item, seen) {
  const { type, role } = item;
  if (role === 'user') {
    seen.user = true;
    const kept = seen.summary ? NONE : summaryMessage(item);
    seen.summary ||= kept.length > 0;
    return asItem(kept);
  }
  // What follows the request for a summary belongs to the next turn.
  if (type === COMPACTION_TRIGGER) return seen.user || seen.summary ? undefined : { type };
  if (seen.summary) return undefined;
  seen.summary = true;
  return { type, id: word(item.id), encrypted_content: word(item.encrypted_content) };
}

function asItem([message]) {
  return message && { type: 'message', ...message };
}

module.exports = { newInput };
