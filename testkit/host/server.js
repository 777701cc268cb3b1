'use strict';

/**
 * The fake host: a small proxy in the role of the ccxray server, in its own process so that its exits are real. It forwards
 * to one upstream, builds an entry for every turn, and calls the host module of this package at the same places as ccxray.
 * As a hub it takes the client of a request from its route.
 *
 * The parent passes `{upstream, addon, hub, failFast, drainMs, shutsDown}` as JSON in argv. Over IPC, `{command: 'status', cwd}`
 * is answered, and `{command: 'leave'}` lets the process end by itself. On SIGTERM it drains and exits.
 */

const http = require('node:http');

const { WebSocket, WebSocketServer } = require('ws');

const { Host } = require('../../host/host');
const { anthropicEntry, indexLine, responsesEntry, websocketEntry } = require('./entry.js');
const { EventReader } = require('./sse.js');
const { sleep } = require('../waiting.js');

const { upstream, addon, hub, failFast, drainMs = 0, shutsDown = true } = JSON.parse(process.argv[2]);
const otel = new Host(() => require(addon));
const GRACEFUL_MS = 5000;
const CONNECTION_HEADERS = new Set(['host', 'connection', 'upgrade', 'content-length', 'transfer-encoding', 'accept-encoding']);
const sockets = new WebSocketServer({ noServer: true });
const openConnections = new Set();
const seenResponses = new Set();

const server = http.createServer(async (req, res) => {
  applyRoute(req);
  const { url } = req;
  const startedAt = Date.now();
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const ctx = { url, clientReq: req, startedAt, body: Buffer.concat(chunks) };
  otel.arrived(req, ctx);
  const forward = http.request(`${upstream}${url}`, { method: req.method, headers: { 'content-type': 'application/json', ...passed(req.headers) } });
  forward.on('response', (proxyRes) => handleResponse(ctx, proxyRes, res));
  forward.on('error', () => res.writeHead(502).end());
  forward.end(ctx.body);
});

server.on('upgrade', (req, socket, head) => {
  applyRoute(req);
  sockets.handleUpgrade(req, socket, head, async (client) => {
    const early = [];
    const keep = (text) => early.push(text);
    client.on('message', keep);
    const upstreamEnd = new WebSocket(`${upstream}${req.url}`, { headers: passed(req.headers) });
    const refusal = await refusalOf(upstreamEnd);
    client.off('message', keep);
    if (refusal) refuse(client, req, refusal, early);
    else relay(client, upstreamEnd, req, early);
  });
});

const started = otel.init({ hub, hostVersion: '9.9.9', failFast });
server.listen(0, '127.0.0.1', () => {
  process.on('SIGTERM', () => gracefulExit(0));
  process.send({ port: server.address().port, status: started });
});

process.on('message', ({ command, cwd }) => {
  if (command === 'status') process.send({ status: otel.status(cwd) });
  if (command === 'leave') {
    server.close();
    server.closeAllConnections();
    process.disconnect();
  }
});

async function gracefulExit(code) {
  const deadline = new Promise((resolve) => { setTimeout(resolve, GRACEFUL_MS); });
  const drain = (async () => {
    for (const connection of openConnections) connection.finish();
    const metrics = shutsDown ? otel.shutdown() : undefined;
    await sleep(drainMs);
    await metrics;
  })();
  await Promise.race([drain, deadline]);
  process.exit(code);
}

/** Removes the client's own route from the URL, as the hub does. */
function applyRoute(req) {
  const [, pid, rest] = /^\/_ccxray\/client\/(\d+)(\/.*)$/.exec(req.url) ?? [];
  if (!hub || rest === undefined) return;
  req.ccxrayClientPid = Number(pid);
  req.url = rest;
}

/** The headers of a request that are the client's own. The answer must not be compressed, because it is read on the way. */
function passed(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name) && !name.startsWith('sec-websocket-')));
}

/** Resolves once an upgrade is answered: to the status of a refusal, or to `undefined`. */
function refusalOf(upstreamEnd) {
  return new Promise((resolve) => {
    upstreamEnd.once('open', () => resolve());
    upstreamEnd.once('unexpected-response', (_, { statusCode }) => resolve(statusCode));
    upstreamEnd.on('error', () => resolve(502));
  });
}

/** An upgrade that the upstream refuses is an entry, too. The client has its connection already, and loses it. */
function refuse(client, req, status, early) {
  const connection = { req };
  otel.arrived(req, connection);
  const frame = early.map((text) => JSON.parse(text)).find(({ type }) => type === 'response.create');
  recordWebSocketEntry(connection, { request: frame && requestLog(frame), response: [], startedAt: Date.now(), last: {}, status });
  client.close(1011);
}

/** Requests that the host forwards without a record: counts of tokens, probes of the quota, and what is no model call. */
function isNoise({ url }, request) {
  return request?.max_tokens === 1 || /\/count_tokens|^\/v1\/(?:models|plugins|ps\/plugins|connectors|api\/codex|codex)/.test(url);
}

function handleResponse(ctx, proxyRes, clientRes) {
  const isSSE = /event-stream/.test(proxyRes.headers['content-type']);
  const isAnthropic = !ctx.url.startsWith('/v1/responses');
  const reader = new EventReader(isAnthropic ? 'anthropic' : 'openai');
  const raw = [];
  const isText = /json|event-stream/.test(proxyRes.headers['content-type']);
  clientRes.writeHead(proxyRes.statusCode, proxyRes.headers);
  proxyRes.setEncoding('utf8');
  proxyRes.on('data', (text) => {
    raw.push(text);
    if (isSSE) reader.feed(text);
    clientRes.write(text);
  });
  // A connection that is reset while the answer arrives leaves no entry.
  proxyRes.on('error', () => clientRes.destroy());
  proxyRes.on('end', () => {
    const request = parsed(ctx.body.toString());
    if (isNoise(ctx, request)) return void clientRes.end();
    const turn = { request, status: proxyRes.statusCode, startedAt: ctx.startedAt, requestHeaders: ctx.clientReq.headers };
    if (isSSE && isAnthropic) handleAnthropicSSE(ctx, proxyRes, { ...turn, response: reader.events });
    else if (isSSE) handleOpenAISSE(ctx, proxyRes, { ...turn, response: reader.events });
    else handleNonSSE(ctx, proxyRes, { ...turn, response: isText ? (parsed(raw.join('')) ?? raw.join('')) : raw.join('') }, isAnthropic);
    return void clientRes.end();
  });
}

/** Parsed JSON; `null` if it is not JSON. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// The four places.

function handleAnthropicSSE(ctx, proxyRes, turn) {
  const entry = anthropicEntry(turn);
  const merged = isSecondCopy(entry);
  const line = indexLine(entry);
  otel.turn(ctx, line, { merged, request: entry.req, response: turn.response, headers: proxyRes.headers });
}

function handleOpenAISSE(ctx, proxyRes, turn) {
  const entry = responsesEntry(turn);
  const line = indexLine(entry);
  otel.turn(ctx, line, { request: entry.req, response: turn.response, headers: proxyRes.headers });
}

function handleNonSSE(ctx, proxyRes, turn, isAnthropic) {
  const entry = isAnthropic ? anthropicEntry(turn) : responsesEntry(turn);
  const merged = isSecondCopy(entry);
  const line = indexLine(entry);
  otel.turn(ctx, line, { merged, request: entry.req, response: turn.response, headers: proxyRes.headers });
}

function recordWebSocketEntry(connection, turn) {
  const entry = websocketEntry({ ...turn, requestHeaders: connection.req.headers });
  const line = indexLine(entry);
  otel.turn(connection, line, { request: entry.req, response: JSON.stringify(entry.res) });
}

function isSecondCopy({ responseId }) {
  if (!responseId) return false;
  const isSecond = seenResponses.has(responseId);
  seenResponses.add(responseId);
  return isSecond;
}

/** Relays one WebSocket and splits its messages into turns: from `response.create` to `response.completed` or the end. */
function relay(client, upstreamEnd, req, early) {
  const connection = { req, last: {}, turn: null, turns: 0, finish };
  otel.arrived(req, connection);
  openConnections.add(connection);

  function finish() {
    if (!openConnections.delete(connection)) return;
    const startedAt = Date.now();
    if (connection.turn) endTurn();
    else if (connection.turns === 0) recordWebSocketEntry(connection, { response: [], startedAt, last: connection.last });
    client.close();
    upstreamEnd.close();
  }

  function endTurn() {
    recordWebSocketEntry(connection, { ...connection.turn, last: connection.last });
    connection.turn = null;
  }

  function fromClient(text) {
    const { type, generate, ...request } = JSON.parse(text);
    if (type === 'response.create' && generate !== false) {
      if (connection.turn) endTurn();
      connection.turn = { request: requestLog(request), response: [], startedAt: Date.now() };
      connection.turns += 1;
    }
    upstreamEnd.send(String(text));
  }

  function fromUpstream(text) {
    const event = JSON.parse(text);
    const { usage, model, status } = event.response ?? {};
    if (usage) Object.assign(connection.last, { usage, model, status });
    const kept = recorded(event);
    if (kept && connection.turn) connection.turn.response.push(kept);
    if (event.type === 'response.completed' && connection.turn) endTurn();
    client.send(String(text));
  }

  client.on('message', fromClient);
  client.on('close', finish);
  upstreamEnd.on('message', fromUpstream);
  upstreamEnd.on('close', finish);
  for (const text of early) fromClient(text);
}

/** What the host keeps of a frame. */
function requestLog({ model, instructions, input, tools, tool_choice: choice, previous_response_id: previous, metadata }) {
  return { model, instructions, input, tools, tool_choice: choice, previous_response_id: previous, metadata, transport: 'websocket' };
}

/** The envelopes of a response are large, so only their types are kept. */
function recorded(event) {
  if (event.type === 'response.in_progress') return null;
  const isEnvelope = event.type === 'response.created' || event.type === 'response.completed';
  return { ...(isEnvelope ? { type: event.type } : event), _ts: Date.now() };
}
