'use strict';

const http = require('node:http');
const { promisify } = require('node:util');
const zlib = require('node:zlib');

const { decodeRequest, encodeResponse, parseRequest } = require('../otlp/messages');
const { SeriesStore } = require('../otlp/series');
const { listening } = require('./loopback');
const { CODES, GrpcError, accept, createGrpcServer, readCall, reject } = require('./grpc');

const gunzip = promisify(zlib.gunzip);

/** The largest size of one request, compressed and decompressed. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Starts a receiver of OTLP metrics over HTTP and gRPC, each on a free port of the loopback interface.
 * @param {object} [options]
 * @param {number} [options.maxBodyBytes] Default: 64 MiB
 * @param {(request: object) => unknown} [options.onRequest] is given every request as OTLP/JSON before it is answered;
 *   if it throws or rejects, the answer is 503
 * @returns {Promise<Receiver>} listening
 */
async function startReceiver({ maxBodyBytes = MAX_BODY_BYTES, onRequest = () => {} } = {}) {
  const receiver = new Receiver(maxBodyBytes, onRequest);
  await receiver.listen();
  return receiver;
}

/** Accepts metrics as a collector does, and keeps the newest point of every series. */
class Receiver {
  /** How many requests were accepted and rejected. */
  requests = { accepted: 0, rejected: 0 };
  /** The bytes of the accepted bodies, as received and decompressed. */
  bytes = { received: 0, decompressed: 0 };
  /** How many points the accepted requests had. */
  points = 0;
  /** The last accepted request in OTLP/JSON. */
  lastRequest = undefined;
  #store = new SeriesStore();
  #maxBodyBytes;
  #onRequest;
  #server;
  #grpcServer;

  constructor(maxBodyBytes, onRequest) {
    this.#maxBodyBytes = maxBodyBytes;
    this.#onRequest = onRequest;
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
    this.#grpcServer = createGrpcServer((call) => void this.#answerCall(call));
  }

  /** @returns {string} base URL, to which an exporter appends `/v1/metrics` */
  get endpoint() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** @returns {string} the URL of the port for gRPC */
  get grpcEndpoint() {
    return `http://127.0.0.1:${this.#grpcServer.address().port}`;
  }

  /** @returns {object[]} see `SeriesStore.all` */
  series() {
    return this.#store.all();
  }

  /** @returns {Promise<void>} resolves when both ports are open */
  async listen() {
    await listening(this.#server);
    await listening(this.#grpcServer);
  }

  /** @returns {Promise<void>} resolves when both ports are closed and no connection is left */
  async close() {
    const closed = [this.#server, this.#grpcServer].map((server) => new Promise((resolve) => { server.close(resolve); }));
    this.#server.closeAllConnections();
    this.#grpcServer.endSessions();
    await Promise.all(closed);
  }

  async #notify(json) {
    try {
      await this.#onRequest(json);
    } catch (error) {
      throw new Rejection(503, error.message);
    }
  }

  async #take(json, received, decompressed) {
    await this.#notify(json);
    this.points += this.#store.take(json);
    this.lastRequest = json;
    this.requests.accepted += 1;
    this.bytes.received += received;
    this.bytes.decompressed += decompressed;
  }

  async #answerCall(call) {
    try {
      const { json, received, decompressed } = readCall(call, this.#maxBodyBytes);
      await this.#take(json, received, decompressed);
      accept(call.stream);
    } catch (error) {
      this.requests.rejected += 1;
      reject(call.stream, error instanceof GrpcError ? error.code : CODES.unavailable, error.message);
    }
  }

  async #answer(request, response) {
    try {
      const { contentType, encoding } = checked(request);
      const compressed = await readBody(request, this.#maxBodyBytes);
      const body = encoding === 'gzip' ? await decompress(compressed, this.#maxBodyBytes) : compressed;
      const json = parsed(body, contentType);
      await this.#take(json, compressed.length, body.length);
      response.writeHead(200, { 'content-type': contentType });
      response.end(contentType === JSON_TYPE ? '{}' : encodeResponse());
    } catch (error) {
      this.requests.rejected += 1;
      if (response.headersSent || response.destroyed) return;
      // The rest of a rejected body is not read, so the connection ends with the answer.
      response.writeHead(error instanceof Rejection ? error.status : 500, { 'content-type': 'text/plain', connection: 'close' });
      response.end(`${error.message}\n`);
    }
  }
}

/** A request that is rejected, with the status of the answer. */
class Rejection extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function checked({ method, url, headers }) {
  if (url.split('?')[0] !== '/v1/metrics') throw new Rejection(404, 'only /v1/metrics is served here');
  if (method !== 'POST') throw new Rejection(405, 'send metrics with POST');
  const contentType = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  if (contentType !== PROTOBUF_TYPE && contentType !== JSON_TYPE) {
    throw new Rejection(415, `content-type must be ${PROTOBUF_TYPE} or ${JSON_TYPE}`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'gzip' && encoding !== 'identity') throw new Rejection(415, 'content-encoding must be gzip or identity');
  return { contentType, encoding };
}

async function readBody(request, limit) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > limit) throw new Rejection(413, `the body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function decompress(compressed, limit) {
  try {
    return await gunzip(compressed, { maxOutputLength: limit });
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw new Rejection(413, `the decompressed body is larger than ${limit} bytes`);
    throw new Rejection(400, `the body is not gzip: ${error.message}`);
  }
}

function parsed(body, contentType) {
  try {
    return contentType === JSON_TYPE ? parseRequest(body.toString('utf8')) : decodeRequest(body);
  } catch (error) {
    throw new Rejection(400, `the body is not an OTLP metrics request: ${error.message}`);
  }
}

const PROTOBUF_TYPE = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

module.exports = { startReceiver, Receiver };
