'use strict';

const http = require('node:http');
const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const { finished } = require('node:stream/promises');
const tls = require('node:tls');
const zlib = require('node:zlib');

const { decodeRequest, encodeResponse, parseRequest } = require('../otlp/messages');
const { sumOf } = require('../entries/turn');
const { BackendSeries } = require('./backend-series');
const { GrpcError, accept, createGrpcServer, readCall, reject } = require('../receiver/grpc');
const { CALLS } = require('./grpc-misbehaviour');
const { ANSWERS, CONNECTIONS } = require('./misbehaviour');

/** Below the ports that a kernel assigns, so that no other process gets a port while it is closed. */
const PORTS = { from: 12_000, to: 30_000 };
/** The delay of a slow collector. */
const SLOW_MS = 1000;

/**
 * Starts a collector on the loopback interface that is healthy at first.
 * @param {object} [options]
 * @param {string} [options.host] Default: `127.0.0.1`
 * @param {Record<string, {key: string, cert: string}>} [options.certificates] for TLS. The certificate `healthy` is the
 *   usual one; each other name is a fault in which that certificate is used instead
 * @param {boolean} [options.isGrpc] whether it speaks gRPC instead of HTTP/1.1. Default: false
 * @returns {Promise<FaultyCollector>} listening
 */
async function startFaultyCollector({ host = '127.0.0.1', certificates, isGrpc = false } = {}) {
  const collector = new FaultyCollector(host, certificates, isGrpc);
  await collector.start();
  return collector;
}

/**
 * A collector on one port whose behaviour changes at run time. It accepts metrics only while its fault is `healthy`,
 * `slow` or `losesAnswers`.
 */
class FaultyCollector {
  /** How many requests were read, and how many of them were accepted. */
  requests = { received: 0, accepted: 0 };
  /** How many requests were read during each fault: `receivedDuring['503']`. Faults below HTTP read none. */
  receivedDuring = {};
  /** How many connections were made. */
  connections = 0;
  /** How many connections were made to the target of its redirects. */
  elsewhere = 0;
  /** The errors of requests that are not OTLP. */
  broken = [];
  #backend = new BackendSeries();
  #fault = 'healthy';
  #host;
  #port;
  #certificates;
  #sockets = new Set();
  #answers = new Set();
  #listener;
  #isGrpc;
  #secure = new Map();
  #grpc = createGrpcServer((call) => void this.#answerCall(call));
  #http = http.createServer({ keepAliveTimeout: 0 }, (request, response) => void this.#answer(request, response));
  #other = net.createServer((socket) => {
    this.elsewhere += 1;
    socket.on('error', () => {}).destroy();
  });

  constructor(host, certificates, isGrpc) {
    this.#host = host;
    this.#certificates = certificates;
    this.#isGrpc = isGrpc;
  }

  /** All faults that it can have. */
  get faults() {
    const certificates = Object.keys(this.#certificates ?? {}).filter((name) => name !== 'healthy');
    return ['healthy', 'slow', 'losesAnswers', 'refuses', ...Object.keys(CONNECTIONS), ...Object.keys(this.#isGrpc ? CALLS : ANSWERS), ...certificates];
  }

  /** Its current fault. */
  get fault() {
    return this.#fault;
  }

  get port() {
    return this.#port;
  }

  /** The base URL, to which an exporter appends `/v1/metrics`. */
  get endpoint() {
    if (this.#certificates) return `https://localhost:${this.#port}`;
    return `http://${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${this.#port}`;
  }

  /** How many points were accepted. */
  get points() {
    return this.#backend.points;
  }

  /** See `BackendSeries`. */
  get overlaps() {
    return this.#backend.overlaps;
  }

  /** See `BackendSeries`. */
  intervals(metric, instance) {
    return this.#backend.intervals(metric, instance);
  }

  /** @returns {object[]} see `BackendSeries` */
  series() {
    return this.#backend.series();
  }

  /**
   * The sum over all series of a metric that have all of `attributes`, of one instance or of all.
   * @returns {number}
   */
  sum(metric, attributes, instance) {
    const isMeant = ({ resource }) => instance === undefined || resource['service.instance.id'] === instance;
    return sumOf(this.series().filter(isMeant), metric, attributes);
  }

  /** @returns {Promise<void>} resolves when the port is open */
  async start() {
    await new Promise((resolve) => { this.#other.listen(0, '127.0.0.1', resolve); });
    const first = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    for (this.#port = first; !(await this.#open()); this.#port += 1);
  }

  /**
   * Changes its fault. It first finishes the answers to requests that it accepted, then cuts all open connections.
   * @param {string} fault one of `faults`
   */
  async setFault(fault) {
    if (!this.faults.includes(fault)) throw new RangeError(`there is no fault ${fault}`);
    this.#fault = fault;
    await Promise.allSettled(this.#answers);
    for (const socket of this.#sockets) socket.destroy();
    if (fault === 'refuses') this.#shut();
    else await this.#reopen();
  }

  /** @returns {Promise<void>} resolves when the port is closed and no connection is left */
  async close() {
    await this.setFault('refuses');
    this.#http.close();
    await new Promise((resolve) => { this.#other.close(resolve); });
  }

  /** @returns {Promise<boolean>} whether the port is open */
  #open() {
    if (this.#listener) return true;
    const listener = net.createServer((socket) => this.#connected(socket));
    return new Promise((resolve) => {
      listener.once('error', () => resolve(false));
      listener.listen({ port: this.#port, host: this.#host, ipv6Only: true }, () => {
        this.#listener = listener;
        resolve(true);
      });
    });
  }

  async #reopen() {
    for (let tries = 0; !(await this.#open()); tries += 1) {
      if (tries === 100) throw new Error(`port ${this.#port} is taken`);
      await sleep(20);
    }
  }

  #shut() {
    this.#listener?.close();
    this.#listener = undefined;
  }

  #connected(socket) {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    const behave = CONNECTIONS[this.#fault];
    const shown = this.#certificates && this.#shown();
    // A certificate with protocols of its own is not for HTTP/2.
    if (this.#isGrpc && shown && !behave && !shown.ALPNProtocols) return void this.#secureGrpc(shown).emit('connection', socket);
    const stream = shown ? new tls.TLSSocket(socket, { isServer: true, ...shown }).on('error', () => {}) : socket;
    if (behave) behave(stream, socket);
    else if (this.#isGrpc) this.#grpc.emit('connection', stream);
    else this.#http.emit('connection', stream);
    return undefined;
  }

  #shown() {
    const { [this.#fault]: shown = this.#certificates.healthy } = this.#certificates;
    return shown;
  }

  /** A server for gRPC that shows a certificate. It gets its connections from the one port. */
  #secureGrpc(certificate) {
    if (!this.#secure.has(certificate)) this.#secure.set(certificate, createGrpcServer((call) => void this.#answerCall(call), certificate));
    return this.#secure.get(certificate);
  }

  async #answer(request, response) {
    const body = await read(request).catch(() => undefined);
    const fault = this.#fault;
    if (fault === 'slow') await sleep(SLOW_MS);
    // A request that began during another fault gets no answer. Its connection has been cut.
    if (body === undefined || response.destroyed || fault !== this.#fault) return void response.destroy();
    this.requests.received += 1;
    this.receivedDuring[fault] = (this.receivedDuring[fault] ?? 0) + 1;
    const json = this.#decoded(request, body);
    const [status, points] = json ? [200, countOf(json)] : [400, 0];
    const answer = ANSWERS[fault];
    if (answer) return void answer(response.on('error', () => {}), { points, elsewhere: `http://127.0.0.1:${this.#other.address().port}` });
    if (json) {
      this.requests.accepted += 1;
      this.#backend.take(json);
    }
    if (fault === 'losesAnswers') return void response.destroy();
    const { 'content-type': type } = request.headers;
    response.writeHead(status, { 'content-type': type }).end(type === JSON_TYPE ? '{}' : encodeResponse());
    const ended = finished(response).catch(() => {}).finally(() => this.#answers.delete(ended));
    this.#answers.add(ended);
    return undefined;
  }

  async #answerCall({ stream, headers, body }) {
    const fault = this.#fault;
    if (fault === 'slow') await sleep(SLOW_MS);
    if (stream.destroyed || fault !== this.#fault) return void stream.destroy();
    this.requests.received += 1;
    this.receivedDuring[fault] = (this.receivedDuring[fault] ?? 0) + 1;
    const json = this.#read({ headers, body });
    if (CALLS[fault]) return void CALLS[fault](stream, { points: json instanceof Error ? 0 : countOf(json) });
    if (json instanceof Error) return void reject(stream, json.code, json.message);
    this.requests.accepted += 1;
    this.#backend.take(json);
    if (fault === 'losesAnswers') return void stream.session.destroy();
    accept(stream);
    const ended = finished(stream).catch(() => {}).finally(() => this.#answers.delete(ended));
    this.#answers.add(ended);
    return undefined;
  }

  #read(call) {
    try {
      return readCall(call).json;
    } catch (error) {
      if (!(error instanceof GrpcError)) throw error;
      this.broken.push(error.message);
      return error;
    }
  }

  #decoded({ url, headers }, packed) {
    try {
      if (url.split('?')[0] !== '/v1/metrics') throw new Error(`${url} does not exist`);
      const body = headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(packed) : packed;
      return headers['content-type'] === JSON_TYPE ? parseRequest(body.toString('utf8')) : decodeRequest(body);
    } catch (error) {
      this.broken.push(error.message);
      return undefined;
    }
  }
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function countOf({ resourceMetrics = [] }) {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics = [] }) => scopeMetrics).flatMap((scope) => scope.metrics ?? []);
  return metrics.reduce((count, { sum, gauge, histogram }) => count + ((sum ?? gauge ?? histogram)?.dataPoints?.length ?? 0), 0);
}

const JSON_TYPE = 'application/json';

module.exports = { startFaultyCollector, FaultyCollector };
