'use strict';

const label = require('../catalog');

/**
 * What the catalog of the wire does not have, as `event:…`, `block:…`, `delta:…` or `item:…`.
 * @returns {string[]} each once
 */
function unknownKinds({ provider }, events, res) {
  const isAnthropic = provider === 'anthropic';
  const seen = events === undefined ? bodyKinds(res, isAnthropic) : events.flatMap((event) => eventKinds(event, isAnthropic));
  const unknown = seen.filter(([kind, word]) => !label.isOnWire(isAnthropic ? 'anthropic' : 'responses', kind, word));
  return Array.from(new Set(unknown.map(([kind, word]) => `${kind}:${word ?? ''}`)));
}

/** An event that starts or continues something says what that is, or should. */
function eventKinds({ type, content_block: block, delta, item }, isAnthropic) {
  const kinds = [['event', type]];
  if (isAnthropic && type === 'content_block_start') kinds.push(['block', block?.type]);
  if (isAnthropic && type === 'content_block_delta') kinds.push(['delta', delta?.type]);
  if (!isAnthropic && type?.startsWith('response.output_item.')) kinds.push(['item', item?.type]);
  return kinds;
}

function bodyKinds(res, isAnthropic) {
  const parts = isAnthropic ? res?.content : res?.output;
  return Array.isArray(parts) ? parts.map((part) => [isAnthropic ? 'block' : 'item', part?.type]) : [];
}

module.exports = { unknownKinds };
