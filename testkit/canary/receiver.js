'use strict';

const http = require('node:http');
const net = require('node:net');
const zlib = require('node:zlib');

const { decodeRequest, encodeResponse, parseRequest, plainAttributes } = require('../otlp/messages');
const { SeriesStore } = require('../../demo/otlp/series');
const { sumOf, TURNS } = require('../entries/turn');
const { listening, urlOf } = require('../receiver/loopback');

/**
 * Starts a receiver that keeps every byte that it receives.
 * @param {object} options
 * @param {'healthy'|'500'|'400'|'reset'|'redirect'} options.fault with a fault, all requests of a project's first launch
 *   fail. In later launches, requests that announce series at zero succeed, since only then the numbers are sent
 * @param {string} options.elsewhere the target of redirects
 * @param {(kind?: string) => string} options.mint makes the strings in its answers. Only one of the kind `reason`, which an
 *   OTLP answer gives for the user to read, may come back, in the log
 * @returns {Promise<CanaryReceiver>} listening
 */
async function startCanaryReceiver({ fault, elsewhere, mint }) {
  const receiver = new CanaryReceiver(fault, elsewhere, mint);
  await receiver.listen();
  return receiver;
}

class CanaryReceiver {
  /** Each as `{headers, plain, json, project, launch}`: `plain` is the decompressed body, `json` the same in OTLP/JSON. */
  requests = [];
  #connections = [];
  #launches = new Map();
  #fault;
  #elsewhere;
  #mint;
  #server;

  constructor(fault, elsewhere, mint) {
    this.#fault = fault;
    this.#elsewhere = elsewhere;
    this.#mint = mint;
    this.#server = http.createServer((request, response) => void this.#take(request, response));
    this.#server.on('connection', (socket) => {
      const pieces = [];
      this.#connections.push(pieces);
      socket.on('data', (piece) => pieces.push(piece)).on('error', () => {});
    });
  }

  get endpoint() {
    return urlOf(this.#server);
  }

  /** @returns {Buffer[]} all bytes of each connection: request lines, headers and bodies */
  get raw() {
    return this.#connections.map((pieces) => Buffer.concat(pieces));
  }

  /** @returns {Promise<void>} resolves when the port is open */
  listen() {
    return listening(this.#server);
  }

  /** @returns {Promise<void>} resolves when the port is closed and no connection is left */
  close() {
    return new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #take(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const { headers } = request;
    const body = Buffer.concat(pieces);
    const plain = headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(body) : body;
    const isJson = headers['content-type'] === 'application/json';
    const json = isJson ? parseRequest(plain.toString('utf8')) : decodeRequest(plain);
    const { project, launch } = this.#origin(json);
    this.requests.push({ headers, plain, json, project, launch });
    const fault = launch > 0 && turnsIn([json]) === 0 ? 'healthy' : this.#fault;
    ANSWERS[fault]({ request, response, isJson, mint: this.#mint, elsewhere: this.#elsewhere });
  }

  /** The project of a request, and the number of its launch, from 0 on. */
  #origin(json) {
    const { 'project.name': project, 'service.instance.id': instance } = plainAttributes(json.resourceMetrics?.[0]?.resource?.attributes);
    const known = this.#launches.get(project) ?? [];
    this.#launches.set(project, known);
    if (!known.includes(instance)) known.push(instance);
    return { project, launch: known.indexOf(instance) };
  }
}

/**
 * @param {object[]} requests OTLP/JSON
 * @returns {number} how many turns the newest request counts
 */
function turnsIn(requests) {
  const store = new SeriesStore();
  for (const json of requests) store.take(json);
  return sumOf(store.all(), TURNS);
}

const ANSWERS = {
  healthy({ response, isJson, mint }) {
    response.writeHead(200, { 'content-type': isJson ? 'application/json' : 'application/x-protobuf', 'set-cookie': `sid=${mint()}`, etag: `"${mint()}"` });
    response.end(isJson ? JSON.stringify({ partialSuccess: { errorMessage: mint('reason') } }) : encodeResponse());
  },
  500: ({ response, mint }) => refuse(response, 500, mint),
  400: ({ response, mint }) => refuse(response, 400, mint),
  reset: ({ request }) => request.socket.resetAndDestroy(),
  redirect({ response, mint, elsewhere }) {
    response.writeHead(307, { location: `${elsewhere}/${mint()}/v1/metrics`, 'set-cookie': `sid=${mint()}` }).end();
  },
};

function refuse(response, status, mint) {
  response.writeHead(status, mint(), { 'content-type': 'text/plain', 'set-cookie': `sid=${mint()}`, 'www-authenticate': `Basic realm="${mint()}"` });
  response.end(`rejected: ${mint()}`);
}

/**
 * Starts a server that must never be called.
 * @returns {Promise<{endpoint: string, calls: number, close: () => Promise<void>}>}
 */
async function startDecoy() {
  const server = net.createServer((socket) => {
    decoy.calls += 1;
    socket.destroy();
  });
  await listening(server);
  const decoy = { endpoint: urlOf(server), calls: 0, close: () => new Promise((resolve) => { server.close(resolve); }) };
  return decoy;
}

module.exports = { startCanaryReceiver, startDecoy, turnsIn };
