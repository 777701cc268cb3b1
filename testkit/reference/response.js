'use strict';

const catalog = require('./catalog');
const { isError } = require('./error');
const { isSocket } = require('./kind');

/** The events that end a Responses stream. */
const TERMINAL = new Set(['response.completed', 'response.done', 'response.failed', 'response.incomplete']);

/**
 * @returns {object[]|undefined} the events of a stream, unwrapped from their HTTP frames, with their time as `at`. Comments and empty
 *   events are left out
 */
function eventsOf(res) {
  if (!Array.isArray(res)) return undefined;
  return res.filter(isObject).map(eventOf).filter((event) => Object.keys(event).some((key) => key !== 'at'));
}

function eventOf({ _ts: at, data, ...rest }) {
  const event = data === undefined ? rest : data;
  return { at, ...(isObject(event) ? event : {}) };
}

/** @returns {object|undefined} the event that ended the stream regularly */
function terminalOf({ provider }, events) {
  return events?.find(({ type }) => (provider === 'anthropic' ? type === 'message_stop' : TERMINAL.has(type)));
}

/** @returns {object|undefined} the response object of the terminal event, or the body of a response that was not streamed */
function envelopeOf(terminal, res) {
  return terminal?.response ?? (Array.isArray(res) ? undefined : res);
}

/** On a socket, the entry's numbers belong to the turn only if the turn completed, or if its terminal event has a usage. */
function hasOwnFigures(entry, terminal) {
  if (!isSocket(entry) || ['response.completed', 'response.done'].includes(terminal?.type)) return true;
  return (terminal?.response?.usage ?? null) !== null;
}

/**
 * @returns {*} as the host reports it. It may reduce the last event of a socket to `response.done`, which has no reason, and it does not
 *   see a reason in the first event of a stream
 */
function stopReasonOf(entry, events, terminal) {
  if (!isSocket(entry)) return isMissing(entry.stopReason) ? (stopReasonIn(entry, events) ?? entry.stopReason) : entry.stopReason;
  const name = terminal?.type.slice('response.'.length);
  return name === 'done' ? (terminal.response?.status ?? entry.stopReason) : name;
}

function stopReasonIn({ provider }, events = []) {
  if (provider !== 'anthropic') return undefined;
  const told = events.map(({ type, delta, message }) => ({ message_delta: delta, message_start: message })[type]?.stop_reason);
  return told.findLast((reason) => !isMissing(reason));
}

/** @returns {boolean} whether the response was cut off at the output limit */
function hitMaxTokens({ provider }, stopReason, terminal, res) {
  const reason = provider === 'anthropic' ? stopReason : envelopeOf(terminal, res)?.incomplete_details?.reason;
  return catalog.stopRole(reason) === 'max_tokens';
}

/** @returns {boolean} whether a stream stopped before its end. An error is an end, too */
function wasCut(entry, events, terminal, kind) {
  if (events === undefined || terminal !== undefined || events.some(isEnd)) return false;
  if (isSocket(entry)) return kind === 'turn' || kind === 'side';
  return entry.isSSE === true && entry.status >= 200 && entry.status < 300;
}

function isEnd(event) {
  return event.type !== 'response.failed' && isError(event);
}

function isMissing(reason) {
  return typeof reason !== 'string' || reason === '';
}

function isObject(value) {
  return value !== null && typeof value === 'object';
}

module.exports = { eventsOf, terminalOf, envelopeOf, hasOwnFigures, stopReasonOf, hitMaxTokens, wasCut };
