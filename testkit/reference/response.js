'use strict';

const label = require('./catalog');
const { isSocket } = require('./kind');

/** What ends a Responses stream. */
const TERMINAL = new Set(['response.completed', 'response.done', 'response.failed', 'response.incomplete']);

/** @returns {object[]|undefined} the events of a stream, flat, their time as `at`; HTTP frames wrap what comes flat otherwise */
function eventsOf(res) {
  return Array.isArray(res) ? res.map(({ _ts: at, data, ...rest }) => ({ at, ...(data ?? rest) })) : undefined;
}

/** @returns {object|undefined} the event with which the stream ended as it should */
function terminalOf({ provider }, events) {
  return events?.find(({ type }) => (provider === 'anthropic' ? type === 'message_stop' : TERMINAL.has(type)));
}

/** @returns {object|undefined} the terminal event's response object, or the body of an answer that was not streamed */
function envelopeOf(terminal, res) {
  return terminal?.response ?? (Array.isArray(res) ? undefined : res);
}

/** On a socket the figures are the turn's own only if it ended itself, and a bad end must bring its own usage. */
function hasOwnFigures(entry, terminal) {
  if (!isSocket(entry) || ['response.completed', 'response.done'].includes(terminal?.type)) return true;
  return (terminal?.response?.usage ?? null) !== null;
}

/** @returns {object|undefined} */
function usageOf(entry, terminal) {
  return hasOwnFigures(entry, terminal) ? (entry.usage ?? undefined) : undefined;
}

/** @returns {*} as it is said; the host may reduce a socket's end to a bare `response.done`, which says nothing but that it is over */
function stopReasonOf(entry, terminal) {
  if (!isSocket(entry)) return entry.stopReason;
  const name = terminal?.type.slice('response.'.length);
  return name === 'done' ? (terminal.response?.status ?? entry.stopReason) : name;
}

/** @returns {boolean} whether the answer was cut at the output limit */
function hitMaxTokens({ provider, stopReason }, terminal, res) {
  const reason = provider === 'anthropic' ? stopReason : envelopeOf(terminal, res)?.incomplete_details?.reason;
  return label.stopRole(reason) === 'max_tokens';
}

/** @returns {boolean} whether a stream stopped short of its end; an error is an end, too */
function wasCut(entry, events, terminal, kind) {
  if (events === undefined || terminal !== undefined || events.some(({ type }) => type === 'error')) return false;
  if (isSocket(entry)) return kind === 'turn';
  return entry.isSSE === true && entry.status >= 200 && entry.status < 300;
}

/** @returns {{type: string, said?: string}|undefined} the label of the error that the call ended in, and the word for it */
function errorOf(entry, res, events) {
  const event = events?.find(({ type }) => type === 'error' || type === 'response.failed');
  const error = event === undefined ? (events === undefined && res?.error) : (event.error ?? event.response?.error ?? { code: event.code });
  if (event === undefined && !error && !(entry.status >= 400)) return undefined;
  const said = [error?.type, error?.code].filter((word) => typeof word === 'string' && word !== '');
  return { type: label.errorType(said, entry.status), said: said[0] };
}

module.exports = { eventsOf, terminalOf, envelopeOf, hasOwnFigures, usageOf, stopReasonOf, hitMaxTokens, wasCut, errorOf };
