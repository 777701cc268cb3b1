'use strict';

const catalog = require('./catalog');
const { isError } = require('./error');
const { envelopeOf } = require('./response');

/**
 * The names that the catalog of the wire does not have, as `event:…`, `block:…`, `delta:…`, `item:…` or `incomplete:…`.
 * @returns {string[]} each once
 */
function unknownKinds({ provider }, events, res, terminal) {
  const isAnthropic = provider === 'anthropic';
  const seen = events === undefined ? bodyKinds(res, isAnthropic) : events.flatMap((event) => eventKinds(event, isAnthropic));
  const unknown = seen.filter(([kind, name]) => !catalog.isOnWire(isAnthropic ? 'anthropic' : 'responses', kind, name));
  const reason = isAnthropic ? undefined : incompleteBecause(terminal, res);
  if (typeof reason === 'string' && catalog.stopRole(reason) === undefined) unknown.push(['incomplete', reason]);
  return Array.from(new Set(unknown.map(([kind, name]) => `${kind}:${name ?? ''}`)));
}

/** @returns {*} why a response that has ended is incomplete */
function incompleteBecause(terminal, res) {
  const envelope = envelopeOf(terminal, res);
  const hasEnded = terminal !== undefined || ![undefined, 'open'].includes(catalog.stopRole(envelope?.status));
  return hasEnded ? envelope?.incomplete_details?.reason : undefined;
}

/** The type of an event, and the type of the block, delta or item that it starts or continues. */
function eventKinds(event, isAnthropic) {
  const { type, message, content_block: block, delta, item, object } = event;
  // Without a type, it is an error, says what it is in another way, or says nothing.
  if (type === undefined) return isError(event) || typeof object !== 'string' ? [] : [['event', object]];
  const kinds = [['event', type]];
  if (isAnthropic && type === 'message_start') kinds.push(...bodyKinds(message, isAnthropic));
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
