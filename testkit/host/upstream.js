'use strict';

const http = require('node:http');
const { gzipSync } = require('node:zlib');

const { WebSocketServer } = require('ws');

const { sleep } = require('../waiting.js');
const { eventText } = require('./sse.js');

/**
 * The usage that each kind of response reports. On the Responses wire, input includes the cached part. All numbers differ,
 * so that a sum shows which turns are in it.
 */
const USAGE = {
  anthropicStream: {
    input_tokens: 12,
    output_tokens: 187,
    cache_creation_input_tokens: 2048,
    cache_read_input_tokens: 30_500,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 2048 },
  },
  anthropicJson: { input_tokens: 5, output_tokens: 7, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  responsesStream: { input_tokens: 3000, output_tokens: 220, input_tokens_details: { cached_tokens: 500 } },
  websocket: { input_tokens: 1000, output_tokens: 50, input_tokens_details: { cached_tokens: 400 } },
  warmUp: { input_tokens: 9500, output_tokens: 1, input_tokens_details: { cached_tokens: 0 } },
};

/** A secret in every response, which must never reach a collector. */
const SECRET = 'heron-4711';

/**
 * Starts a server in the role of the model vendors: Anthropic with streams and JSON, Responses with streams and WebSockets.
 * A request with `metadata.delay_ms` is answered after that time. One with `metadata.body` gets a 200 with that text as its body,
 * compressed if it is `gzip`. One with `metadata.fail` gets a 529, one with `metadata.cut` an incomplete stream, one with `metadata.stall` over a
 * WebSocket a response that begins and never continues, and one with `metadata.response_id` a response with
 * that id.
 *
 * @returns {Promise<{url: string, requests: () => number, close: () => void}>} `requests`: how many have arrived over HTTP
 */
async function startUpstream() {
  let requests = 0;
  const server = http.createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const request = JSON.parse(Buffer.concat(chunks).toString());
    requests += 1;
    const { status, type, body } = answer(req.url, request);
    await sleep(request.metadata?.delay_ms ?? 0);
    res.writeHead(status, { 'content-type': type, 'anthropic-ratelimit-requests-limit': '50' });
    res.end(body);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (req, socket, head) => sockets.handleUpgrade(req, socket, head, serveWebSocket));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, requests: () => requests, close: () => closeAll(server) };
}

module.exports = { startUpstream, USAGE, SECRET };

function answer(url, request) {
  const odd = request.metadata?.body;
  if (odd !== undefined) {
    return { status: 200, type: 'application/octet-stream', body: odd === 'gzip' ? gzipSync('{}') : odd };
  }
  if (request.metadata?.fail) {
    const error = { type: 'overloaded_error', message: SECRET };
    return { status: 529, type: 'application/json', body: JSON.stringify({ type: 'error', error }) };
  }
  if (url.startsWith('/v1/messages') && !request.stream) {
    return { status: 200, type: 'application/json', body: JSON.stringify(message(request, USAGE.anthropicJson)) };
  }
  const events = url.startsWith('/v1/messages') ? messageEvents(request) : responseEvents(request.model, USAGE.responsesStream);
  const sent = request.metadata?.cut ? events.slice(0, 2) : events;
  return { status: 200, type: 'text/event-stream', body: sent.map(eventText).join('') };
}

let messages = 0;

function message(request, usage) {
  messages += 1;
  return {
    id: request.metadata?.response_id ?? `msg_${messages}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [{ type: 'tool_use', id: `toolu_${messages}`, name: 'Read', input: { file_path: `/home/${SECRET}` } }],
    stop_reason: 'tool_use',
    usage,
  };
}

function messageEvents(request) {
  const usage = { ...USAGE.anthropicStream, output_tokens: 3 };
  const start = { ...message(request, usage), content: [], stop_reason: null };
  const call = { type: 'tool_use', id: `toolu_${messages}`, name: 'Bash', input: {} };
  const input = { type: 'input_json_delta', partial_json: JSON.stringify({ command: `rm -rf /srv/${SECRET}` }) };
  return [
    { type: 'message_start', message: start },
    { type: 'content_block_start', index: 0, content_block: call },
    { type: 'content_block_delta', index: 0, delta: input },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use' },
      usage: { output_tokens: USAGE.anthropicStream.output_tokens },
    },
    { type: 'message_stop' },
  ];
}

function responseEvents(model, usage) {
  const call = {
    id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'exec_command', arguments: `{"cmd":"cat ${SECRET}"}`,
  };
  const response = { id: 'resp_1', object: 'response', model };
  return [
    { type: 'response.created', response: { ...response, status: 'in_progress' } },
    { type: 'response.in_progress', response: { ...response, status: 'in_progress' } },
    { type: 'response.output_text.delta', output_index: 0, delta: SECRET },
    { type: 'response.output_item.added', output_index: 1, item: { ...call, status: 'in_progress' } },
    { type: 'response.output_item.done', output_index: 1, item: { ...call, status: 'completed' } },
    { type: 'response.completed', response: { ...response, status: 'completed', usage } },
  ];
}

function serveWebSocket(client) {
  client.on('message', (text) => {
    const { type, model, generate, metadata } = JSON.parse(text);
    if (type !== 'response.create') return;
    const events = responseEvents(model, generate === false ? USAGE.warmUp : USAGE.websocket);
    for (const event of sentOf(events, { generate, metadata })) client.send(JSON.stringify(event));
    if (metadata?.cut) client.close();
  });
}

/** A warm-up has only its first and its last event. */
function sentOf(events, { generate, metadata }) {
  if (metadata?.cut || metadata?.stall) return events.slice(0, 1);
  return generate === false ? [events[0], events.at(-1)] : events;
}

function closeAll(server) {
  server.close();
  server.closeAllConnections();
}
