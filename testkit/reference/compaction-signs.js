'use strict';

const catalog = require('./catalog');

/** @returns {boolean} whether the server compacts the conversation in this response */
function compactsInResponse({ entry, events, terminal, res, stopReason }) {
  if (entry.provider !== 'anthropic') {
    const items = events === undefined ? res?.output : [...events.map(({ item }) => item), ...[terminal?.response?.output ?? []].flat()];
    return Array.isArray(items) && items.some((item) => catalog.compactionItem(item?.type) === 'continuation');
  }
  const early = events?.find(({ type }) => type === 'message_start')?.message?.content ?? [];
  const blocks = events === undefined ? res?.content : [...[early].flat(), ...events.map(({ content_block: block }) => block)];
  return stopReason === 'compaction' || (Array.isArray(blocks) && blocks.some((block) => block?.type === 'compaction'));
}

module.exports = { compactsInResponse };
