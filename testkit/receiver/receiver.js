'use strict';

const http = require('node:http');
const { promisify } = require('node:util');
const zlib = require('node:zlib');

const { decodeRequest, encodeResponse, parseRequest } = require('../otlp/messages');
const { SeriesStore } = require('../otlp/series');

const gunzip = promisify(zlib.gunzip);

/** The most that one request may have, packed and unpacked. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Starts a receiver of OTLP metrics over HTTP on a free port of the loopback interface.
 * @param {object} [options]
 * @param {number} [options.maxBodyBytes] Default 64 MiB
 * @param {(request: object) => unknown} [options.onRequest] is given every request as OTLP/JSON before it is answered;
 *   what it throws or rejects with is answered with 503
 * @returns {Promise<Receiver>} listening
 */
async function startReceiver({ maxBodyBytes = MAX_BODY_BYTES, onRequest = () => {} } = {}) {
  const receiver = new Receiver(maxBodyBytes, onRequest);
  await receiver.listen();
  return receiver;
}

/** Takes metrics as a collector would and keeps the newest point of every series. */
class Receiver {
  /** Requests that were taken, and those that were refused. */
  requests = { accepted: 0, refused: 0 };
  /** Bytes of the accepted bodies as they came, and unpacked. */
  bytes = { received: 0, unpacked: 0 };
  /** Points in the accepted requests. */
  points = 0;
  /** The last accepted request as OTLP/JSON. */
  lastRequest = undefined;
  #store = new SeriesStore();
  #maxBodyBytes;
  #onRequest;
  #server;

  constructor(maxBodyBytes, onRequest) {
    this.#maxBodyBytes = maxBodyBytes;
    this.#onRequest = onRequest;
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
  }

  /** @returns {string} base URL, to which an exporter appends `/v1/metrics` */
  get endpoint() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** @returns {object[]} see `SeriesStore.all` */
  series() {
    return this.#store.all();
  }

  /** @returns {Promise<void>} when the port is open */
  listen() {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  /** @returns {Promise<void>} when the port is closed and no connection is left */
  close() {
    return new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #pass(json) {
    try {
      await this.#onRequest(json);
    } catch (error) {
      throw new Refusal(503, error.message);
    }
  }

  async #answer(request, response) {
    try {
      const { contentType, encoding } = checked(request);
      const packed = await readBody(request, this.#maxBodyBytes);
      const body = encoding === 'gzip' ? await unpack(packed, this.#maxBodyBytes) : packed;
      const json = parsed(body, contentType);
      await this.#pass(json);
      this.points += this.#store.take(json);
      this.lastRequest = json;
      this.requests.accepted += 1;
      this.bytes.received += packed.length;
      this.bytes.unpacked += body.length;
      response.writeHead(200, { 'content-type': contentType });
      response.end(contentType === JSON_TYPE ? '{}' : encodeResponse());
    } catch (error) {
      this.requests.refused += 1;
      if (response.headersSent || response.destroyed) return;
      // What is still to come of a refused body is not read: the connection ends with the answer.
      response.writeHead(error instanceof Refusal ? error.status : 500, { 'content-type': 'text/plain', connection: 'close' });
      response.end(`${error.message}\n`);
    }
  }
}

/** A request that is not taken, with the status that says why. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function checked({ method, url, headers }) {
  if (url.split('?')[0] !== '/v1/metrics') throw new Refusal(404, 'only /v1/metrics is served here');
  if (method !== 'POST') throw new Refusal(405, 'send metrics with POST');
  const contentType = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  if (contentType !== PROTOBUF_TYPE && contentType !== JSON_TYPE) {
    throw new Refusal(415, `content-type must be ${PROTOBUF_TYPE} or ${JSON_TYPE}`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'gzip' && encoding !== 'identity') throw new Refusal(415, 'content-encoding must be gzip or identity');
  return { contentType, encoding };
}

async function readBody(request, limit) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > limit) throw new Refusal(413, `the body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unpack(packed, limit) {
  try {
    return await gunzip(packed, { maxOutputLength: limit });
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw new Refusal(413, `the unpacked body is larger than ${limit} bytes`);
    throw new Refusal(400, `the body is no gzip: ${error.message}`);
  }
}

function parsed(body, contentType) {
  try {
    return contentType === JSON_TYPE ? parseRequest(body.toString('utf8')) : decodeRequest(body);
  } catch (error) {
    throw new Refusal(400, `the body is no OTLP metrics request: ${error.message}`);
  }
}

const PROTOBUF_TYPE = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

module.exports = { startReceiver, Receiver };
