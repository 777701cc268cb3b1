'use strict';

/** Items of the Responses wire that hold a compacted conversation, and the one that asks for it. */
const ITEMS = new Set(['compaction', 'compaction_summary', 'context_compaction']);
const TRIGGER = 'compaction_trigger';

/** @returns {boolean} whether the server compacts the conversation in this response */
function compactsInResponse({ entry, events, terminal, res, stopReason }) {
  if (entry.provider !== 'anthropic') {
    const items = events === undefined ? res?.output : [...events.map(({ item }) => item), ...[terminal?.response?.output ?? []].flat()];
    return Array.isArray(items) && items.some((item) => ITEMS.has(item?.type));
  }
  const early = events?.find(({ type }) => type === 'message_start')?.message?.content ?? [];
  const blocks = events === undefined ? res?.content : [...[early].flat(), ...events.map(({ content_block: block }) => block)];
  return stopReason === 'compaction' || (Array.isArray(blocks) && blocks.some((block) => block?.type === 'compaction'));
}

/** @returns {boolean} whether the newest item of a request asks the server to compact the conversation */
function endsInTrigger(req) {
  return Array.isArray(req?.input) && req.input.at(-1)?.type === TRIGGER;
}

/** @returns {boolean} whether a request contains a conversation that the server has compacted */
function hasCompactedItem(req) {
  return Array.isArray(req?.input) && req.input.some((item) => ITEMS.has(item?.type));
}

module.exports = { compactsInResponse, endsInTrigger, hasCompactedItem };
