'use strict';

const label = require('./catalog');
const { parsed } = require('./record');

/**
 * What carries a call in a response: blocks of Anthropic whose type ends in `tool_use`, items of the Responses wire whose type ends in
 * `_call`, each once.
 * @returns {object[]|undefined} undefined when the response cannot be read for calls
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

/** @returns {boolean} whether the answer ends at the output limit, so that its last block may be only a part of what was meant */
function stoppedAtLimit(events, res) {
  const reason = events === undefined ? res?.stop_reason : events.find(({ type }) => type === 'message_delta')?.delta?.stop_reason;
  return label.stopRole(reason) === 'max_tokens';
}

/** @returns {object[]} the items that are calls, each id once; a finished item replaces what was said of it before */
function callItems(items) {
  const calls = objects(items).filter(({ type }) => String(type).endsWith('_call'));
  return Array.from(new Map(calls.map((item) => [item.call_id ?? item.id ?? item, item])).values());
}

/** @returns {object[]} what a stream brought in full */
function finishedItems(events) {
  return events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
}

function bodyItems(res) {
  if (res === undefined || res === null || typeof res !== 'object') return undefined;
  return Array.isArray(res.output) ? res.output : [];
}

/** Blocks with their input put together; without an end of its own, or with half a JSON text, it did not arrive in full. */
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

/** Of the blocks with one id the first; blocks without an id are all different. */
function firstOfEach(blocks) {
  return blocks.filter(({ id }, i) => typeof id !== 'string' || blocks.findIndex((block) => block.id === id) === i);
}

function objects(values) {
  return values.filter((value) => value !== null && typeof value === 'object');
}

module.exports = { carriersOf, callItems, finishedItems };
