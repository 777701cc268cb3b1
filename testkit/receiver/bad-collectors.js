'use strict';

const http = require('node:http');
const net = require('node:net');

const { listening, urlOf } = require('./loopback');

/**
 * Collectors that are no help, for one test file. To be called at its top: they are closed after each test.
 * Each resolves to a base URL.
 */
function badCollectors() {
  const cleanups = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  /** One that does to every connection what `onConnection` says. */
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

  /** One that answers every request, once it is read, as `answer` says. */
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
    /** Accepts, and never says a word. */
    hanging: () => raw((socket) => socket.resume()),
    /** Passes everything on to a good one, and back, each piece late by `delayMs`. */
    slow: (endpoint, delayMs) => raw((socket) => passOn(socket, new URL(endpoint).port, delayMs)),
    /** Begins an answer, and never ends it. */
    hangingWithinAnswer: () => raw((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx')).resume()),
    /** Hangs up as soon as it is called. */
    hangingUp: () => raw((socket) => socket.destroy()),
    /** Speaks something else. */
    speakingNoHttp: () => raw((socket) => socket.once('data', () => socket.end('220 mail.example ESMTP\r\n')).resume()),
    status: (code, headers = {}) => answering((response) => response.writeHead(code, headers).end('no')),
    /** Says yes, and then something that is no OTLP. */
    garbage: () => answering((response) => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(GARBAGE)),
    /** Says yes, and does not stop. */
    talkative: () => answering((response) => pour(response.writeHead(200, { 'content-type': 'application/x-protobuf' }), 100)),
  };
}

/** A port that nobody listens on. */
async function refused() {
  const server = net.createServer();
  await listening(server);
  const url = urlOf(server);
  await new Promise((resolve) => { server.close(resolve); });
  return url;
}

/** Writes so many megabytes, as fast as they are read. */
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
