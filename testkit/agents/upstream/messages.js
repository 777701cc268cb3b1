'use strict';

const { sleep } = require('../../waiting');
const { eventText } = require('../../host/sse');

/** Characters of a text and of a call's input that one event carries. */
const TEXT_PIECE = 20;
const INPUT_PIECE = 40;
/** The output that a stream reports at its beginning. */
const FIRST_OUTPUT = 2;
/** Inputs of calls that name a file, which scripts write relative to the project. */
const PATHS = ['file_path', 'notebook_path'];

/**
 * Answers a request of the Messages API.
 * @param {import('node:http').ServerResponse} response
 * @param {object} request the body
 * @param {object} answer of the script
 * @param {object} call
 * @param {number} call.n how many answers there were, this one included
 * @param {object} call.usage as the API reports it
 * @param {string} call.project directory of the scratch project
 * @returns {Promise<void>} once everything is written
 */
async function answerMessages(response, request, answer, { n, usage, project }) {
  if (answer.http) return void refuse(response, answer.http);
  const message = { id: `msg_01Scripted${String(n).padStart(6, '0')}`, type: 'message', role: 'assistant', model: answer.model ?? request.model };
  const content = answer.blocks.flatMap((block, k) => contentOf(block, `${n}x${k}`, project));
  const stop = stopOf(answer);
  if (!request.stream) {
    const body = { ...message, content, stop_reason: stop, stop_sequence: null, usage };
    response.writeHead(200, { 'content-type': 'application/json' });
    return void response.end(JSON.stringify(body));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_scripted${n}` });
  return stream(response, answer, { message, content, stop, usage });
}

/** @returns {string} the stop reason of an answer */
function stopOf({ stop, blocks = [] }) {
  return stop ?? (blocks.some(({ tool }) => tool !== undefined) ? 'tool_use' : 'end_turn');
}

module.exports = { answerMessages, stopOf, refuse, FIRST_OUTPUT };

async function stream(response, answer, { message, content, stop, usage }) {
  const say = (type, data) => response.write(eventText({ type, ...data }));
  say('message_start', { message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: FIRST_OUTPUT } } });
  for (const [index, block] of content.entries()) {
    say('content_block_start', { index, content_block: startOf(block) });
    for (const delta of deltasOf(block)) {
      say('content_block_delta', { index, delta });
      if (answer.slowMs) await sleep(answer.slowMs);
      if (response.destroyed) return;
    }
    if (answer.end === 'cut') return void response.end();
    if (answer.end === 'reset') return void response.destroy();
    if (answer.end === 'error') {
      say('error', { error: answer.error });
      return void response.end();
    }
    say('content_block_stop', { index });
  }
  say('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: usage.output_tokens } });
  say('message_stop', {});
  response.end();
}

/** The blocks of the API for a block of a script. */
function contentOf(block, id, project) {
  if (block.text !== undefined) return [{ type: 'text', text: block.text }];
  if (block.thinking !== undefined) return [{ type: 'thinking', thinking: block.thinking, signature: 'c2lnbmVk' }];
  if (block.search !== undefined) return searchOf(block.search, id);
  const input = { ...block.input };
  for (const path of PATHS.filter((name) => input[name] !== undefined)) input[path] = `${project}/${input[path]}`;
  return [{ type: 'tool_use', id: `toolu_01Scripted${id}`, name: block.tool, input }];
}

function searchOf(query, id) {
  const use = `srvtoolu_01Scripted${id}`;
  const result = { type: 'web_search_result', url: 'https://example.com/', title: 'An example', encrypted_content: 'bWFkZSB1cA==', page_age: null };
  return [{ type: 'server_tool_use', id: use, name: 'web_search', input: { query } }, { type: 'web_search_tool_result', tool_use_id: use, content: [result] }];
}

function startOf(block) {
  if (block.type === 'text') return { type: 'text', text: '' };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return block.input === undefined ? block : { ...block, input: {} };
}

function deltasOf(block) {
  if (block.type === 'text') return pieces(block.text, TEXT_PIECE).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'thinking') return [{ type: 'thinking_delta', thinking: block.thinking }, { type: 'signature_delta', signature: block.signature }];
  if (block.input === undefined) return [];
  return pieces(JSON.stringify(block.input), INPUT_PIECE).map((part) => ({ type: 'input_json_delta', partial_json: part }));
}

function pieces(text, length) {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length));
}

/** Answers with an error: `{status, type, message, code, headers}`. */
function refuse(response, { status, type = 'invalid_request_error', message = 'made up', code, headers = {} }) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ type: 'error', error: { type, message, ...(code && { code }) } }));
}
