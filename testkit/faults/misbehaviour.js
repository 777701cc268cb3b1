'use strict';

const { Readable } = require('node:stream');

const { encodeResponse } = require('../otlp/messages');

/*
 * What a collector may do instead of accepting metrics.
 */

const OTLP = 'application/x-protobuf';
const EMPTY_ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n';
const GARBAGE = Buffer.from('fffefd3c68746d6c3e00ff', 'hex');
const MEBIBYTE = Buffer.alloc(1 << 20, 0x0a);
const DRIP_MS = 1000;

/** Faults below HTTP. `stream` is the connection, `socket` the TCP connection below it; without TLS both are the same. */
const CONNECTIONS = {
  hangs: (stream) => stream.resume(),
  hangsWithinAnswer: (stream) => stream.once('data', () => stream.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx')).resume(),
  drips: (stream) => stream.once('data', () => drip(stream, EMPTY_ANSWER)).resume(),
  resets: (stream, socket) => stream.once('data', () => reset(socket)).resume(),
  hangsUp: (stream, socket) => socket.destroy(),
  speaksNoHttp: (stream) => stream.once('data', () => stream.end('220 mail.example ESMTP\r\n')).resume(),
};

/** Answers to a request that was read. `points` is the number of its points, `elsewhere` the URL of another server. */
const ANSWERS = {
  partialSuccess: (response, { points }) => response.writeHead(200, { 'content-type': OTLP }).end(encodeResponse({ rejectedDataPoints: points, errorMessage: 'no room' })),
  redirects: (response, { elsewhere }) => response.writeHead(307, { location: `${elsewhere}/v1/metrics` }).end(),
  page: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Log in</title>'),
  garbage: (response) => response.writeHead(200, { 'content-type': OTLP }).end(GARBAGE),
  '100 MB': (response) => Readable.from(mebibytes(100)).pipe(response.writeHead(200, { 'content-type': OTLP })),
};

for (const status of [400, 401, 403, 404, 408, 413, 500, 501, 502, 504]) ANSWERS[status] = answering(status);
for (const status of [429, 503]) {
  ANSWERS[status] = answering(status);
  ANSWERS[`${status} and a second`] = answering(status, { 'retry-after': '1' });
  ANSWERS[`${status} and an hour`] = answering(status, { 'retry-after': '3600' });
}

function answering(status, headers) {
  return (response) => response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end('no\n');
}

function drip(stream, text) {
  let at = 0;
  const timer = setInterval(() => stream.write(text[at++ % text.length]), DRIP_MS);
  stream.on('close', () => clearInterval(timer));
}

/** Ends the connection with a TCP reset. */
function reset(socket) {
  if (socket.resetAndDestroy) socket.resetAndDestroy();
  else socket.destroy();
}

function* mebibytes(count) {
  for (let i = 0; i < count; i += 1) yield MEBIBYTE;
}

module.exports = { CONNECTIONS, ANSWERS };
