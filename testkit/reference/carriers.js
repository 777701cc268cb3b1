'use strict';

const catalog = require('./catalog');
const { parsed } = require('./record');

/**
 * The parts of a response that carry a call: Anthropic's blocks whose type ends in `tool_use`, and items of the Responses wire whose
 * type ends in `_call`, without duplicates.
 * @param {object} facts see facts.js
 * @returns {object[]|undefined} undefined if calls cannot be read from the response
 */
function carriersOf({ entry, events, terminal, res, stopReason }) {
  if (entry.provider === 'anthropic') {
    // A body without content is an error, in which the model calls nothing.
    const blocks = events === undefined ? contentOf(res) : blocksOf(events);
    if (blocks === undefined) return undefined;
    const isCut = catalog.stopRole(events === undefined ? res?.stop_reason : stopReason) === 'max_tokens';
    const whole = isCut ? [...blocks.slice(0, -1), { ...blocks.at(-1), isCut, isGarbled: false }] : blocks;
    return whole.filter(({ type }) => String(type).endsWith('tool_use'));
  }
  if (events !== undefined) return streamedCalls(events, terminal);
  if (res === undefined || res === null || typeof res !== 'object') return undefined;
  return callItems(Array.isArray(res.output) ? res.output : []);
}

function contentOf(body) {
  if (!isObject(body)) return undefined;
  return Array.isArray(body.content) ? objects(body.content) : [];
}

/** The calls of a stream: of finished items, of announced ones whose input is there, and of those in its last event. */
function streamedCalls(events, terminal) {
  const finished = finishedItems(events);
  const begun = events.filter(({ type }) => type === 'response.output_item.added').map((event) => announcedItem(event, events));
  // In a stream that broke off, a call without all of its input was still being made.
  const announced = begun.filter((item) => terminal !== undefined || hasInput(item));
  const output = terminal?.response?.output;
  const known = callItems([...announced, ...finished]);
  const late = callItems(placed(Array.isArray(output) ? output : [])).filter((item) => !known.some((other) => isSame(item, other)));
  return [...known, ...late.map((item) => Object.assign({ isLate: true }, item))];
}

/** An item that is never finished has its input in itself or in events of its own. */
function announcedItem({ item, output_index: index }, events) {
  const announced = { ...item, place: index, isLate: true };
  delete announced.status;
  const isOf = (event) => (event.item_id === undefined ? event.output_index === index : event.item_id === announced.id);
  for (const [field, name] of [['arguments', 'function_call_arguments'], ['input', 'custom_tool_call_input']]) {
    const told = events.filter((event) => event.type?.startsWith(`response.${name}.`) && isOf(event));
    if (told.length === 0 || (announced[field] ?? '') !== '') continue;
    const whole = told.find((event) => typeof event[field] === 'string')?.[field];
    announced.isPiecemeal = whole === undefined;
    announced[field] = whole ?? told.map(({ delta }) => delta).filter((delta) => typeof delta === 'string').join('');
  }
  return announced;
}

/** @returns {object[]} the items that are calls, each once; a later one replaces an earlier one */
function callItems(items) {
  const calls = [];
  for (const item of objects(items).filter(({ type }) => String(type).endsWith('_call'))) {
    const at = calls.findIndex((call) => isSame(call, item));
    if (at < 0) calls.push(item);
    else calls[at] = item;
  }
  return calls;
}

/** Two items are one if they have the same id, or the same id of the call, unless both their ids and places differ. An empty id is none. */
function isSame(a, b) {
  if (isId(a.id) && a.id === b.id) return true;
  const isElsewhere = isId(a.id) && isId(b.id) && a.place !== undefined && b.place !== undefined && a.place !== b.place;
  return isId(a.call_id) && a.call_id === b.call_id && !isElsewhere;
}

/** Whether the whole input of a begun call is known. The server makes calls of other types itself. */
function hasInput({ type, arguments: json, input, isPiecemeal }) {
  if (isPiecemeal === true) return false;
  if (type === 'custom_tool_call') return typeof input === 'string' && input !== '';
  return !['function_call', 'tool_call'].includes(type) || (typeof json === 'string' ? parsed(json) !== undefined : isObject(json));
}

function isObject(value) {
  return value !== null && typeof value === 'object';
}

function placed(items) {
  return items.map((item, place) => (item !== null && typeof item === 'object' ? Object.assign({ place }, item) : item));
}

function isId(id) {
  return typeof id === 'string' && id !== '';
}

/** @returns {object[]} the complete items of a stream */
function finishedItems(events) {
  const done = events.filter(({ type, item }) => type === 'response.output_item.done' && item !== null && typeof item === 'object');
  return done.map(({ item, output_index: place }) => Object.assign({ place }, item));
}

/**
 * The blocks of a stream. The first event may already have some. Another start with the same index and the same id repeats a block.
 */
function blocksOf(events) {
  const blocks = [];
  const open = new Map();
  for (const { type, index, message, content_block: block, delta } of events) {
    if (type === 'message_start') {
      for (const [at, whole] of objects([message?.content ?? []].flat()).entries()) open.set(at, push(blocks, { block: whole, json: '', hasEnded: true, isEarly: true }));
    } else if (type === 'content_block_start') {
      const before = open.get(index);
      const next = { block, json: '', hasEnded: false, isEarly: false };
      if (before !== undefined && isId(block?.id) && before.block.id === block.id) Object.assign(before, next);
      else open.set(index, push(blocks, next));
    } else if (type === 'content_block_delta' && delta?.type === 'input_json_delta' && open.has(index)) {
      open.get(index).json += delta.partial_json;
    } else if (type === 'content_block_stop' && open.has(index)) {
      open.get(index).hasEnded = true;
    }
  }
  return blocks.filter(({ block }) => isObject(block)).map(wholeBlock);
}

function push(list, element) {
  list.push(element);
  return element;
}

/** Its input is incomplete if the block has no end, or if it is not whole JSON. */
function wholeBlock({ block, json, hasEnded, isEarly }) {
  const input = json === '' ? (block?.input ?? {}) : parsed(json);
  return Object.assign({}, block, { input, isCut: input === undefined || !hasEnded, isGarbled: input === undefined && hasEnded, isLate: isEarly === true });
}

function objects(values) {
  return values.filter((value) => value !== null && typeof value === 'object');
}

module.exports = { carriersOf, callItems };
