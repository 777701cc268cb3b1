'use strict';

const http = require('node:http');

const { Rejection, acceptRequest, readRequest, rejectRequest } = require('../../demo/receiver/request');
const codec = require('../otlp/messages');
const { SeriesStore } = require('../../demo/otlp/series');
const { listening } = require('./loopback');
const { CODES, GrpcError, accept, createGrpcServer, readCall, reject } = require('./grpc');

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
      if (request.url.split('?')[0] !== '/v1/metrics') throw new Rejection(404, 'only /v1/metrics is served here');
      const { json, contentType, received, decompressed } = await readRequest(request, { maxBodyBytes: this.#maxBodyBytes, codec });
      await this.#take(json, received, decompressed);
      acceptRequest(response, contentType, codec);
    } catch (error) {
      this.requests.rejected += 1;
      rejectRequest(response, error);
    }
  }
}

module.exports = { startReceiver, Receiver };
