'use strict';

const http = require('node:http');
const net = require('node:net');

const { listening, urlOf } = require('./loopback');

/**
 * Collectors that misbehave, for one test file. Call it at the top of the file: it closes them after each test.
 * Each function resolves to a base URL.
 */
function badCollectors() {
  const cleanups = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  /** Calls `onConnection` for every connection. */
  async function raw(onConnection) {
    const sockets = new Set();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      onConnection(socket);
    });
    await listening(server);
    cleanups.push(() => new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    }));
    return urlOf(server);
  }

  /** Reads every request, then calls `answer`. */
  async function answering(answer) {
    const server = http.createServer((request, response) => {
      response.on('error', () => {});
      request.on('error', () => {}).resume().on('end', () => answer(response, request));
    });
    await listening(server);
    cleanups.push(() => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }));
    return urlOf(server);
  }

  return {
    raw,
    answering,
    refused,
    /** Accepts, and never answers. */
    hanging: () => raw((socket) => socket.resume()),
    /** Relays to a good collector, and delays each chunk by `delayMs` in both directions. */
    slow: (endpoint, delayMs) => raw((socket) => passOn(socket, new URL(endpoint).port, delayMs)),
    /** Begins an answer, and never ends it. */
    hangingWithinAnswer: () => raw((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx')).resume()),
    /** Closes each connection at once. */
    hangingUp: () => raw((socket) => socket.destroy()),
    /** Answers in another protocol. */
    speakingNoHttp: () => raw((socket) => socket.once('data', () => socket.end('220 mail.example ESMTP\r\n')).resume()),
    status: (code, headers = {}) => answering((response) => response.writeHead(code, headers).end('no')),
    /** Answers 200 with a body that is not OTLP. */
    garbage: () => answering((response) => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(GARBAGE)),
    /** Answers 200 with a body of 100 MB. */
    talkative: () => answering((response) => pour(response.writeHead(200, { 'content-type': 'application/x-protobuf' }), 100)),
  };
}

/** A port on which nothing listens. */
async function refused() {
  const server = net.createServer();
  await listening(server);
  const url = urlOf(server);
  await new Promise((resolve) => { server.close(resolve); });
  return url;
}

/** Writes that many megabytes, as fast as they are read. */
function pour(response, megabytes) {
  const chunk = Buffer.alloc(1 << 20, 0x0a);
  let left = megabytes;
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    return void response.end();
  };
  more();
}

function passOn(socket, port, delayMs) {
  const onward = net.connect(port, '127.0.0.1').on('error', () => {});
  socket.on('data', (piece) => setTimeout(() => onward.write(piece), delayMs)).on('close', () => onward.destroy());
  onward.on('data', (piece) => setTimeout(() => socket.write(piece), delayMs));
}

const GARBAGE = Buffer.from('fffefd3c68746d6c3e00ff', 'hex');

module.exports = { badCollectors };
