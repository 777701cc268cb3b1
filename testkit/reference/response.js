'use strict';

const catalog = require('./catalog');
const { isSocket } = require('./kind');

/** The events that end a Responses stream. */
const TERMINAL = new Set(['response.completed', 'response.done', 'response.failed', 'response.incomplete']);

/** @returns {object[]|undefined} the events of a stream, unwrapped from their HTTP frames, with their time as `at` */
function eventsOf(res) {
  return Array.isArray(res) ? res.map(({ _ts: at, data, ...rest }) => ({ at, ...(data ?? rest) })) : undefined;
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

/** @returns {object|undefined} */
function usageOf(entry, terminal) {
  return hasOwnFigures(entry, terminal) ? (entry.usage ?? undefined) : undefined;
}

/** @returns {*} as reported. The host may reduce the last event of a socket to `response.done`, which has no reason */
function stopReasonOf(entry, terminal) {
  if (!isSocket(entry)) return entry.stopReason;
  const name = terminal?.type.slice('response.'.length);
  return name === 'done' ? (terminal.response?.status ?? entry.stopReason) : name;
}

/** @returns {boolean} whether the response was cut off at the output limit */
function hitMaxTokens({ provider, stopReason }, terminal, res) {
  const reason = provider === 'anthropic' ? stopReason : envelopeOf(terminal, res)?.incomplete_details?.reason;
  return catalog.stopRole(reason) === 'max_tokens';
}

/** @returns {boolean} whether a stream stopped before its end. An error is an end, too */
function wasCut(entry, events, terminal, kind) {
  if (events === undefined || terminal !== undefined || events.some(({ type }) => type === 'error')) return false;
  if (isSocket(entry)) return kind === 'turn';
  return entry.isSSE === true && entry.status >= 200 && entry.status < 300;
}

/** @returns {{type: string, reported?: string}|undefined} the exported type of the error that ended the call, and its reported type */
function errorOf(entry, res, events) {
  const event = events?.find(({ type }) => type === 'error' || type === 'response.failed');
  const error = event === undefined ? (events === undefined && res?.error) : (event.error ?? event.response?.error ?? { code: event.code });
  if (event === undefined && !error && !(entry.status >= 400)) return undefined;
  const types = [error?.type, error?.code].filter((type) => typeof type === 'string' && type !== '');
  return { type: catalog.errorType(types, entry.status), reported: types[0] };
}

module.exports = { eventsOf, terminalOf, envelopeOf, hasOwnFigures, usageOf, stopReasonOf, hitMaxTokens, wasCut, errorOf };
