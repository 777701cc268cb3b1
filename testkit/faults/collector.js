'use strict';

const http = require('node:http');
const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const { finished } = require('node:stream/promises');
const tls = require('node:tls');
const zlib = require('node:zlib');

const { decodeRequest, encodeResponse, parseRequest } = require('../otlp/messages');
const { sumOf } = require('../entries/turn');
const { Books } = require('./books');
const { ANSWERS, CONNECTIONS } = require('./misbehaviour');

/** Below the ports that a kernel gives out by itself: a port that is closed for a while is nobody else's meanwhile. */
const PORTS = { from: 12_000, to: 30_000 };
/** How late a slow collector is. */
const SLOW_MS = 1000;

/**
 * Starts a collector on loopback that is well at first, and may become anything.
 * @param {object} [options]
 * @param {string} [options.host] Default: `127.0.0.1`
 * @param {Record<string, {key: string, cert: string}>} [options.certificates] it speaks TLS then; `well` is shown
 *   whatever it does, and any other name is a fault in which that one is shown
 * @returns {Promise<FaultyCollector>} listening
 */
async function startFaultyCollector({ host = '127.0.0.1', certificates } = {}) {
  const collector = new FaultyCollector(host, certificates);
  await collector.start();
  return collector;
}

/**
 * A collector on one port whose behaviour changes at run time. It takes metrics while it is `well` or `slow`, also while
 * it `losesAnswers`, and at no other time.
 */
class FaultyCollector {
  /** Requests that were read, also those that got no good answer, and those that were taken. */
  requests = { heard: 0, taken: 0 };
  /** The same by what it was at the time: `heardAs['503']`. Where nobody speaks HTTP nothing is heard. */
  heardAs = {};
  /** Connections that were made. */
  connections = 0;
  /** Connections to the place that it redirects to. */
  elsewhere = 0;
  /** Requests that came while it was well and were no OTLP. */
  broken = [];
  #books = new Books();
  #fault = 'well';
  #host;
  #port;
  #certificates;
  #sockets = new Set();
  #answers = new Set();
  #listener;
  #http = http.createServer({ keepAliveTimeout: 0 }, (request, response) => void this.#answer(request, response));
  #other = net.createServer((socket) => {
    this.elsewhere += 1;
    socket.on('error', () => {}).destroy();
  });

  constructor(host, certificates) {
    this.#host = host;
    this.#certificates = certificates;
  }

  /** What it can become. */
  get faults() {
    const certificates = Object.keys(this.#certificates ?? {}).filter((name) => name !== 'well');
    return ['well', 'slow', 'losesAnswers', 'refuses', ...Object.keys(CONNECTIONS), ...Object.keys(ANSWERS), ...certificates];
  }

  /** What it is. */
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

  /** Points that were taken. */
  get points() {
    return this.#books.points;
  }

  /** See `Books`. */
  get overlaps() {
    return this.#books.overlaps;
  }

  /** See `Books`. */
  intervals(metric, instance) {
    return this.#books.intervals(metric, instance);
  }

  /** @returns {object[]} see `Books.series` */
  series() {
    return this.#books.series();
  }

  /**
   * Sum over the series of a metric that carry all of `labels`, of all instances or of one.
   * @returns {number}
   */
  sum(metric, labels, instance) {
    const isMeant = ({ resource }) => instance === undefined || resource['service.instance.id'] === instance;
    return sumOf(this.series().filter(isMeant), metric, labels);
  }

  /** @returns {Promise<void>} when the port is open */
  async start() {
    await new Promise((resolve) => { this.#other.listen(0, '127.0.0.1', resolve); });
    const first = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    for (this.#port = first; !(await this.#open()); this.#port += 1);
  }

  /**
   * Changes what it does. Connections that are open are cut; what it has taken it has also answered then.
   * @param {string} fault one of `faults`
   */
  async become(fault) {
    if (!this.faults.includes(fault)) throw new RangeError(`it cannot become ${fault}`);
    this.#fault = fault;
    await Promise.allSettled(this.#answers);
    for (const socket of this.#sockets) socket.destroy();
    if (fault === 'refuses') this.#shut();
    else await this.#reopen();
  }

  /** @returns {Promise<void>} when the port is closed and no connection is left */
  async close() {
    await this.become('refuses');
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
    const stream = this.#certificates ? this.#secured(socket) : socket;
    const behave = CONNECTIONS[this.#fault];
    if (behave) behave(stream, socket);
    else this.#http.emit('connection', stream);
  }

  #secured(socket) {
    const { [this.#fault]: shown = this.#certificates.well } = this.#certificates;
    return new tls.TLSSocket(socket, { isServer: true, ...shown }).on('error', () => {});
  }

  async #answer(request, response) {
    const body = await read(request).catch(() => undefined);
    const as = this.#fault;
    if (as === 'slow') await sleep(SLOW_MS);
    // The connection is cut when it becomes something else, so that a request is never answered as another one.
    if (body === undefined || response.destroyed || as !== this.#fault) return void response.destroy();
    this.requests.heard += 1;
    this.heardAs[as] = (this.heardAs[as] ?? 0) + 1;
    const json = this.#decoded(request, body);
    const [status, points] = json ? [200, countOf(json)] : [400, 0];
    const answer = ANSWERS[as];
    if (answer) return void answer(response.on('error', () => {}), { points, elsewhere: `http://127.0.0.1:${this.#other.address().port}` });
    if (json) {
      this.requests.taken += 1;
      this.#books.take(json);
    }
    if (as === 'losesAnswers') return void response.destroy();
    const { 'content-type': type } = request.headers;
    response.writeHead(status, { 'content-type': type }).end(type === JSON_TYPE ? '{}' : encodeResponse());
    const ended = finished(response).catch(() => {}).finally(() => this.#answers.delete(ended));
    this.#answers.add(ended);
    return undefined;
  }

  #decoded({ url, headers }, packed) {
    try {
      if (url.split('?')[0] !== '/v1/metrics') throw new Error(`nothing is at ${url}`);
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
