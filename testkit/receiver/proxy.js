'use strict';

const http = require('node:http');
const net = require('node:net');

const { listening } = require('./loopback');

/**
 * Starts an HTTP proxy on the loopback interface. Whatever host a client asks for, it connects to `port` of this machine.
 * @param {object} options
 * @param {number} options.port of the backend
 * @param {string} [options.credentials] `user:password` that it requires
 * @param {number} [options.refusal] the status with which it answers every request instead
 * @returns {Promise<HttpProxy>}
 */
async function startProxy(options) {
  const proxy = new HttpProxy(options);
  await listening(proxy.server);
  return proxy;
}

/** A proxy that relays connections (CONNECT) and requests. */
class HttpProxy {
  /** The hosts of all CONNECT requests. */
  tunnels = [];
  /** The URLs of all other requests. */
  forwarded = [];
  server;
  #sockets = new Set();
  #port;
  #required;
  #refusal;

  constructor({ port, credentials, refusal }) {
    this.#port = port;
    this.#required = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.#refusal = refusal;
    this.server = http.createServer((request, response) => this.#forward(request, response));
    this.server.on('connect', (request, socket, head) => this.#connect(request, socket, head));
    this.server.on('connection', (socket) => this.#note(socket));
  }

  /** @returns {string} `host:port` */
  get authority() {
    return `127.0.0.1:${this.server.address().port}`;
  }

  /** @returns {Promise<void>} */
  close() {
    const closed = new Promise((resolve) => { this.server.close(resolve); });
    for (const socket of this.#sockets) socket.destroy();
    return closed;
  }

  #note(socket) {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
  }

  /** The status of a refusal, or undefined. */
  #refused({ headers }) {
    if (this.#required !== undefined && headers['proxy-authorization'] !== this.#required) return 407;
    return this.#refusal;
  }

  #connect(request, socket, head) {
    this.tunnels.push(request.url);
    const status = this.#refused(request);
    if (status) return void socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
    const onward = net.connect(this.#port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    return this.#note(onward);
  }

  #forward(request, response) {
    this.forwarded.push(request.url);
    const status = this.#refused(request);
    if (status) return void response.writeHead(status).end();
    const { pathname, search } = new URL(request.url);
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = http.request({ port: this.#port, host: '127.0.0.1', method: request.method, path: `${pathname}${search}`, headers }, (answer) => {
      answer.pipe(response.writeHead(answer.statusCode, answer.headers));
    });
    onward.on('error', () => response.writeHead(502).end());
    return request.pipe(onward);
  }
}

module.exports = { startProxy };
