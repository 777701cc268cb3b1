'use strict';

const { randomBytes } = require('node:crypto');
const http = require('node:http');

const { CommandError, EXIT } = require('../../cli/errors');
const { Rejection, acceptRequest, readRequest, rejectRequest } = require('../receiver/request');
const { SECURITY_HEADERS, isFromBrowser, isSameSecret, refusal } = require('./guard');
const { Stream } = require('./stream');

const HOST = '127.0.0.1';
/** How many ports are tried, from the wanted one on. */
const PORTS = 20;
const MAX_BODY_BYTES = 64 << 20;
/** More pages than that are not served at once. */
const MAX_PAGES = 8;
const STATE_EVERY_MS = 1000;

/** Serves the page and the receiver, on this machine only. */
class DemoServer {
  #parts;
  #token = randomBytes(16).toString('hex');
  /** The path of the receiver for the exporter of this process. */
  #ownPath = randomBytes(16).toString('hex');
  #server;
  #streams = new Set();
  #timer;

  /**
   * @param {object} parts
   * @param {import('../store').MetricStore} parts.store
   * @param {import('../receiver/feed').Feed} parts.feed
   * @param {Map<string, {body: Buffer, type: string}>} parts.assets the files of the page
   * @param {object} parts.codec see `demo/otlp/codec.js`
   * @param {() => object} parts.hello what a page gets first
   * @param {() => object} parts.state what it gets every second
   * @param {() => object} parts.privacy what the next request would contain
   * @param {() => number|undefined} parts.ownTimeMs when that happened which the exporter of this process sends now
   */
  constructor(parts) {
    this.#parts = parts;
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
  }

  /** @returns {number} */
  get port() {
    return this.#server.address().port;
  }

  /** @returns {string} the address of the page, which contains a secret */
  get url() {
    return `http://${HOST}:${this.port}/${this.#token}/`;
  }

  /** @returns {string} base URL of the receiver, to which an exporter appends `/v1/metrics` */
  get endpoint() {
    return `http://${HOST}:${this.port}`;
  }

  /** @returns {string} the same for the exporter of this process */
  get ownEndpoint() {
    return `${this.endpoint}/${this.#ownPath}`;
  }

  /**
   * @param {number} wanted the first port to try; 0 for any
   * @returns {Promise<void>} resolves when a port is open
   * @throws {CommandError} if none of the next ports is free
   */
  async listen(wanted) {
    for (let port = wanted; ; port += 1) {
      try {
        await this.#open(port);
        break;
      } catch (error) {
        if (error.code !== 'EADDRINUSE') throw error;
        if (port + 1 >= Math.min(wanted + PORTS, 65_536)) throw new CommandError(EXIT.OFF, `The ports ${wanted} to ${port} are taken.`, 'Choose another one with --port.');
      }
    }
    this.#timer = setInterval(() => this.#tick(), STATE_EVERY_MS);
    this.#timer.unref();
  }

  /** @returns {Promise<void>} resolves when the port is closed and no connection is left */
  async close() {
    clearInterval(this.#timer);
    const closed = new Promise((resolve) => { this.#server.close(resolve); });
    this.#server.closeAllConnections();
    await closed;
  }

  #open(port) {
    return new Promise((resolve, reject) => {
      const settle = (error) => {
        this.#server.off('error', settle).off('listening', settle);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#server.on('error', settle).on('listening', settle).listen(port, HOST);
    });
  }

  #tick() {
    if (this.#streams.size === 0) return;
    const state = this.#parts.state();
    for (const stream of this.#streams) stream.send('state', state);
  }

  async #answer(request, response) {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    try {
      const refused = refusal(request.headers, this.port);
      if (refused !== undefined) throw new Rejection(403, refused);
      await this.#route(request, response);
    } catch (error) {
      if (isForReceiver(request)) this.#parts.feed.requests.rejected += 1;
      rejectRequest(response, error);
    }
  }

  async #route(request, response) {
    const [, first, ...rest] = request.url.split('?')[0].split('/');
    const below = rest.join('/');
    if (first === 'v1' && below === 'metrics') return this.#receive(request, response);
    if (below === 'v1/metrics' && isSameSecret(first, this.#ownPath)) return this.#receive(request, response, this.#parts.ownTimeMs());
    if (!isSameSecret(first, this.#token)) throw new Rejection(404, 'Not found. The address of the page is in the terminal; metrics go to /v1/metrics.');
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new Rejection(405, 'Only GET is served here.');
    return this.#servePage(below, response);
  }

  async #receive(request, response, timeMs) {
    // A page can send a request to this machine without reading the answer.
    if (isFromBrowser(request.headers)) throw new Rejection(403, 'Browsers cannot send metrics here.');
    const { codec, feed } = this.#parts;
    const { json, contentType, ...bytes } = await readRequest(request, { maxBodyBytes: MAX_BODY_BYTES, codec });
    feed.take(json, bytes, timeMs);
    acceptRequest(response, contentType, codec);
  }

  #servePage(name, response) {
    const { assets, privacy } = this.#parts;
    if (name === 'api/stream') return this.#stream(response);
    if (name === 'api/privacy') return send(response, JSON.stringify(privacy()), 'application/json');
    const asset = assets.get(name);
    if (asset === undefined) throw new Rejection(404, 'Not found.');
    return send(response, asset.body, asset.type);
  }

  async #stream(response) {
    if (this.#streams.size >= MAX_PAGES) throw new Rejection(503, `${MAX_PAGES} pages are open already. Close one.`);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', connection: 'keep-alive' });
    const { store, feed, hello, state } = this.#parts;
    const stream = new Stream(response);
    this.#streams.add(stream);
    response.on('close', () => {
      stream.close();
      this.#streams.delete(stream);
    });
    await stream.run(hello(), { store, feed });
    stream.send('state', state());
  }
}

function send(response, body, type) {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function isForReceiver({ url }) {
  return url.split('?')[0].endsWith('/v1/metrics');
}

module.exports = { DemoServer };
