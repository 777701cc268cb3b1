'use strict';

const http = require('node:http');
const zlib = require('node:zlib');

const { WebSocketServer } = require('ws');

const { eventText } = require('../../host/sse');
const { listening, urlOf } = require('../../receiver/loopback');
const { sleep } = require('../../waiting');
const { MOST_ROUNDS, attemptsOf, violations } = require('./allow-list');
const { subjectOfMessages, subjectOfResponses } = require('./conversation');
const { outcomeOfMessages, outcomeOfResponses, tokensOf, usageOfMessages, usageOfResponses } = require('./ledger');
const { answerMessages, refuse } = require('./messages');
const { eventsOf } = require('./responses');

/** Answers to one request of a conversation before the upstream gives up, whatever the script says. */
const MOST_ATTEMPTS = 14;
/** Between two events of a WebSocket. Milliseconds. */
const FRAME_MS = 2;
const ENOUGH = { blocks: [{ text: 'That is enough.' }] };
/** What a request that is no turn is answered with, unless the script says something else. */
const DEFAULTS = {
  title: [{ blocks: [{ text: '{"title":"A made-up title"}' }] }],
  summary: [{ blocks: [{ text: '<analysis>Made up.</analysis><summary>A made-up summary.</summary>' }] }],
  compact: [{ blocks: [{ compaction: 'bWFkZSB1cA==' }] }],
  guardian: [{ blocks: [{ text: '{"risk_level":"low","risk_score":1,"outcome":"allow","rationale":"made up","evidence":[]}' }] }],
  'warm-up': [{ blocks: [], tokens: { input: 0, output: 0, read: 0, write: 0 } }],
  probe: [{ blocks: [{ text: 'a' }], tokens: { input: 8, output: 1, read: 0, write: 0 }, stop: 'max_tokens' }],
};

/**
 * Starts a server in the role of the model vendors, which answers as a script says. Listens on the loopback interface only.
 * @param {Record<string, object[]>} script rounds of answers by cue, or by the kind of a request
 * @param {object} options
 * @param {string} options.project directory to which the files of the script are relative
 * @param {boolean} [options.refusesSockets] whether it answers an upgrade to a WebSocket with 426
 * @returns {Promise<ScriptedUpstream>} listening
 * @throws {Error} if the script contains something that is not allowed
 */
async function startScripted(script, options) {
  const problems = violations(script);
  if (problems.length > 0) throw new Error(`this script is refused:\n${problems.join('\n')}`);
  const upstream = new ScriptedUpstream(script, options);
  await upstream.listen();
  return upstream;
}

/** A scripted server for the Messages API, and for the Responses API over HTTP and WebSocket. */
class ScriptedUpstream {
  /** @type {import('./ledger').LedgerLine[]} */
  ledger = [];
  /** All requests: `{method, url, headers, body}`; for a frame of a WebSocket `{frame}`. */
  requests = [];
  /** What the server could not do. */
  failures = [];
  /** How many answers are being written. */
  busy = 0;
  #script;
  #options;
  #attempts = new Map();
  #server = http.createServer((request, response) => void this.#take(request, response));
  #sockets = new WebSocketServer({ noServer: true });

  constructor(script, options) {
    this.#script = script;
    this.#options = options;
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** @returns {string} base URL */
  get url() {
    return urlOf(this.#server);
  }

  /** @returns {Promise<void>} resolves when the port is open */
  listen() {
    return listening(this.#server);
  }

  /** Ends all connections. */
  close() {
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** The answer to a request about this subject. */
  #choose({ kind, cue, round = 0 }) {
    const key = kind === 'turn' ? cue : kind;
    const rounds = this.#script[key] ?? DEFAULTS[key] ?? [ENOUGH];
    const place = `${key}/${round}`;
    const attempt = (this.#attempts.get(place) ?? 0) + 1;
    this.#attempts.set(place, attempt);
    if (attempt > MOST_ATTEMPTS || round > MOST_ROUNDS * 2) return { answer: ENOUGH, attempt };
    const attempts = attemptsOf(rounds[Math.min(round, rounds.length - 1)]);
    return { answer: attempts[Math.min(attempt, attempts.length) - 1], attempt };
  }

  #note(line) {
    this.ledger.push({ n: this.ledger.length + 1, ...line });
  }

  async #take(request, response) {
    this.busy += 1;
    try {
      const body = await bodyOf(request);
      this.requests.push({ method: request.method, url: request.url, headers: request.headers, body });
      await this.#answer(request, response, body);
    } catch (error) {
      this.failures.push(error.message);
      response.destroy();
    } finally {
      this.busy -= 1;
    }
  }

  async #answer({ method, url, headers }, response, body) {
    const [path] = url.split('?');
    const isCall = method === 'POST' && typeof body === 'object';
    if (isCall && path.endsWith('/messages/count_tokens')) {
      this.#note({ wire: 'count', kind: 'count', status: 200, tokens: null, calls: [], stop: '', isRecorded: false });
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":4321}');
    }
    if (isCall && path.endsWith('/messages')) return this.#messages(response, body);
    if (isCall && /\/responses(?:\/compact)?$/.test(path)) return this.#responses(response, body, { headers, isCompaction: path.endsWith('/compact') });
    this.#note({ wire: 'other', kind: `${method} ${path}`, status: 404, tokens: null, calls: [], stop: '', isRecorded: false });
    return refuse(response, { status: 404, type: 'not_found_error' });
  }

  #messages(response, body) {
    const subject = subjectOfMessages(body);
    const { answer, attempt } = this.#choose(subject);
    const n = this.ledger.length + 1;
    const tokens = tokensOf(answer, n);
    const outcome = outcomeOfMessages(answer, tokens, body.stream === true);
    this.#note({ wire: 'messages', ...subject, attempt, model: body.model, status: answer.http?.status ?? 200, isStream: body.stream === true, ...outcome });
    return answerMessages(response, body, answer, { n, usage: usageOfMessages(tokens), project: this.#options.project });
  }

  async #responses(response, body, { headers, isCompaction }) {
    const subject = isCompaction ? { kind: 'compact' } : subjectOfResponses(body, headers);
    const { answer, attempt } = this.#choose(subject);
    const n = this.ledger.length + 1;
    const tokens = tokensOf(answer, n);
    this.#note({ wire: 'responses', ...subject, attempt, model: body.model, status: answer.http?.status ?? 200, ...outcomeOfResponses(answer, tokens) });
    if (answer.http) return refuse(response, answer.http);
    const events = eventsOf(body, answer, { n, usage: answer.tokens === null ? null : usageOfResponses(tokens) });
    // The end point for compactions does not stream.
    if (isCompaction) return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...events.at(-1).response, object: 'response.compaction' }));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) {
      response.write(eventText(event));
      if (answer.slowMs) await sleep(answer.slowMs);
      if (response.destroyed) return undefined;
    }
    return answer.end === 'reset' ? void response.destroy() : void response.end();
  }

  #upgrade(request, socket, head) {
    this.requests.push({ method: 'UPGRADE', url: request.url, headers: request.headers });
    if (this.#options.refusesSockets) {
      this.#note({ wire: 'websocket', kind: 'upgrade', status: 426, tokens: null, calls: [], stop: 'http_426', isRecorded: true });
      socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#serve(client, request.headers));
  }

  /** One connection: a request contains only what is new since the one before it. */
  #serve(client, headers) {
    let history = [];
    client.on('message', async (data) => {
      const frame = JSON.parse(data.toString());
      this.requests.push({ frame });
      if (frame.type !== 'response.create') return;
      history = frame.previous_response_id ? history.concat(frame.input ?? []) : (frame.input ?? []);
      const subject = subjectOfResponses({ ...frame, input: history }, headers);
      const { answer, attempt } = this.#choose(subject);
      const n = this.ledger.length + 1;
      const tokens = tokensOf(answer, n);
      const isWarmUp = subject.kind === 'warm-up';
      const outcome = outcomeOfResponses(answer, tokens);
      // A warm-up reports no tokens, and a proxy keeps no record of it.
      this.#note({ wire: 'websocket', ...subject, attempt, model: frame.model, status: 101, ...outcome, isRecorded: outcome.isRecorded && !isWarmUp });
      for (const event of eventsOf(frame, answer, { n, usage: answer.tokens === null ? null : usageOfResponses(tokens) })) {
        if (client.readyState !== client.OPEN) return;
        client.send(JSON.stringify(event));
        await sleep(answer.slowMs ?? FRAME_MS);
      }
      if (answer.end !== undefined) client.close();
    });
  }
}

module.exports = { startScripted };

/** The body of a request: parsed JSON, or text. */
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = unpacked(Buffer.concat(chunks), request.headers['content-encoding']).toString();
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: a probe, or an empty body.
    return text;
  }
}

function unpacked(bytes, encoding) {
  if (encoding === 'gzip') return zlib.gunzipSync(bytes);
  if (encoding === 'zstd' && zlib.zstdDecompressSync) return zlib.zstdDecompressSync(bytes);
  return bytes;
}
