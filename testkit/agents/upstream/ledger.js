'use strict';

const { callsOf } = require('./allow-list');
const { FIRST_OUTPUT, stopOf } = require('./messages');
const { statusOf } = require('./responses');

/*
 * What the upstream has answered, call by call: the script's own account, with which the metrics are compared.
 */

/**
 * @typedef {object} LedgerLine
 * @property {number} n from 1
 * @property {'messages'|'responses'|'websocket'|'count'|'other'} wire
 * @property {string} kind see `Subject`
 * @property {string} [cue]
 * @property {number} [round]
 * @property {number} [attempt]
 * @property {string} [model] that answers
 * @property {number} status HTTP status; 101 for a WebSocket
 * @property {Tokens|null} tokens that the answer reports in a way that can be counted
 * @property {string[]} calls names of the calls in it
 * @property {string} stop how it ends
 * @property {boolean} isRecorded whether a proxy can see its end, and so has a record of it
 */

/**
 * @typedef {object} Tokens
 * @property {number} input neither read from nor written to a cache
 * @property {number} output
 * @property {number} read from a cache
 * @property {number} write to a cache
 */

/**
 * The tokens of an answer. Each answer has other numbers, so that a sum shows which answers are in it.
 * @param {object} answer
 * @param {number} n
 * @returns {Tokens}
 */
function tokensOf({ tokens }, n) {
  return { input: 1000 + n, output: 50 + n, read: 3000 + n, write: 200 + n, ...tokens };
}

/** The usage block of the Messages API. */
function usageOfMessages({ input, output, read, write }) {
  return { input_tokens: input, output_tokens: output, cache_read_input_tokens: read, cache_creation_input_tokens: write };
}

/** The usage block of the Responses API: input contains what was read from a cache. Nothing is written to one. */
function usageOfResponses({ input, output, read }) {
  const total = input + read;
  return {
    input_tokens: total,
    input_tokens_details: { cached_tokens: read },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: Math.floor(output / 2) },
    total_tokens: total + output,
  };
}

/**
 * What of an answer of the Messages API counts.
 * @returns {{tokens: Tokens|null, calls: string[], stop: string, isRecorded: boolean}}
 */
function outcomeOfMessages(answer, tokens, isStream) {
  const calls = callsOf(answer).map(({ tool }) => tool);
  if (answer.http) return { tokens: null, calls: [], stop: answer.http.type ?? 'invalid_request_error', isRecorded: true };
  const { end } = isStream ? answer : {};
  if (end === 'reset') return { tokens: null, calls, stop: 'reset', isRecorded: false };
  // Without its last event a stream has reported only the first output.
  if (end !== undefined) return { tokens: { ...tokens, output: FIRST_OUTPUT }, calls, stop: end, isRecorded: true };
  return { tokens, calls, stop: stopOf(answer), isRecorded: true };
}

/** What of an answer of the Responses API counts, likewise. */
function outcomeOfResponses(answer, tokens) {
  const calls = (answer.blocks ?? []).flatMap((block) => nameOf(block) ?? []);
  if (answer.http) return { tokens: null, calls: [], stop: answer.http.code ?? answer.http.type ?? 'invalid_request_error', isRecorded: true };
  const status = statusOf(answer);
  const isReported = status !== undefined && answer.tokens !== null;
  return { tokens: isReported ? { ...tokens, write: 0 } : null, calls, stop: status ?? answer.end, isRecorded: answer.end !== 'reset' };
}

module.exports = { tokensOf, usageOfMessages, usageOfResponses, outcomeOfMessages, outcomeOfResponses };

function nameOf(block) {
  if (block.program) return 'exec';
  if (block.patch) return 'apply_patch';
  return block.search === undefined ? block.tool : 'web_search';
}
