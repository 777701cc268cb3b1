'use strict';

const catalog = require('./catalog');
const { parsed } = require('./record');

/**
 * The parts of a response that carry a call: Anthropic's blocks whose type ends in `tool_use`, and items of the Responses wire whose
 * type ends in `_call`, without duplicates.
 * @returns {object[]|undefined} undefined if calls cannot be read from the response
 */
function carriersOf({ provider }, events, res) {
  if (provider === 'anthropic') {
    const blocks = events === undefined ? res?.content : blocksOf(events);
    if (!Array.isArray(blocks)) return undefined;
    const whole = stoppedAtLimit(events, res) ? [...blocks.slice(0, -1), { ...blocks.at(-1), isCut: true, isGarbled: false }] : blocks;
    return firstOfEach(objects(whole).filter(({ type }) => String(type).endsWith('tool_use')));
  }
  const items = events === undefined ? bodyItems(res) : finishedItems(events);
  return items && callItems(items);
}

/** @returns {boolean} whether the response ends at the output limit, so that its last block may be incomplete */
function stoppedAtLimit(events, res) {
  const reason = events === undefined ? res?.stop_reason : events.find(({ type }) => type === 'message_delta')?.delta?.stop_reason;
  return catalog.stopRole(reason) === 'max_tokens';
}

/** @returns {object[]} the items that are calls, one for each id; a later item replaces an earlier one */
function callItems(items) {
  const calls = objects(items).filter(({ type }) => String(type).endsWith('_call'));
  return Array.from(new Map(calls.map((item) => [item.call_id ?? item.id ?? item, item])).values());
}

/** @returns {object[]} the complete items of a stream */
function finishedItems(events) {
  return events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
}

function bodyItems(res) {
  if (res === undefined || res === null || typeof res !== 'object') return undefined;
  return Array.isArray(res.output) ? res.output : [];
}

/** The blocks of a stream with their joined input. It is incomplete if the block has no end, or if it is not whole JSON. */
function blocksOf(events) {
  return events.filter(({ type }) => type === 'content_block_start').map(({ index, content_block: block }) => {
    const json = events
      .filter((event) => event.type === 'content_block_delta' && event.index === index && event.delta?.type === 'input_json_delta')
      .map(({ delta }) => delta.partial_json)
      .join('');
    const input = json === '' ? (block?.input ?? {}) : parsed(json);
    const hasEnded = events.some((event) => event.type === 'content_block_stop' && event.index === index);
    return Object.assign({}, block, { input, isCut: input === undefined || !hasEnded, isGarbled: input === undefined && hasEnded });
  });
}

/** The first block of each id. Blocks without an id are all different. */
function firstOfEach(blocks) {
  return blocks.filter(({ id }, i) => typeof id !== 'string' || blocks.findIndex((block) => block.id === id) === i);
}

function objects(values) {
  return values.filter((value) => value !== null && typeof value === 'object');
}

module.exports = { carriersOf, callItems, finishedItems };
