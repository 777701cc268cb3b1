'use strict';

const label = require('./catalog');
const { envelopeOf } = require('./response');

/**
 * What the catalog of the wire does not have, as `event:…`, `block:…`, `delta:…`, `item:…` or `incomplete:…`.
 * @returns {string[]} each once
 */
function unknownKinds({ provider }, events, res, terminal) {
  const isAnthropic = provider === 'anthropic';
  const seen = events === undefined ? bodyKinds(res, isAnthropic) : events.flatMap((event) => eventKinds(event, isAnthropic));
  const unknown = seen.filter(([kind, word]) => !label.isOnWire(isAnthropic ? 'anthropic' : 'responses', kind, word));
  const reason = isAnthropic ? undefined : incompleteBecause(terminal, res);
  if (typeof reason === 'string' && label.stopRole(reason) === undefined) unknown.push(['incomplete', reason]);
  return Array.from(new Set(unknown.map(([kind, word]) => `${kind}:${word ?? ''}`)));
}

/** @returns {*} what a response says for not being complete, once it has ended */
function incompleteBecause(terminal, res) {
  const envelope = envelopeOf(terminal, res);
  const hasEnded = terminal !== undefined || ![undefined, 'open'].includes(label.stopRole(envelope?.status));
  return hasEnded ? envelope?.incomplete_details?.reason : undefined;
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
