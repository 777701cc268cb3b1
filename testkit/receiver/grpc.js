'use strict';

const http2 = require('node:http2');
const zlib = require('node:zlib');

const { decodeRequest, encodeResponse } = require('../otlp/messages');

/** The method that takes metrics. */
const METHOD = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
/** The bytes before a message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;
const CODES = { ok: 0, invalidArgument: 3, resourceExhausted: 8, unimplemented: 12, unavailable: 14 };

/**
 * An HTTP/2 server for OTLP over gRPC. It does not listen by itself.
 * @param {(call: Call) => unknown} onCall given each call whose request was read to its end. `Call` is
 *   `{stream, headers, body}`; `callOf` reads the message
 * @param {{key: string, cert: string}} [certificate] for TLS. Default: none
 * @returns {import('node:http2').Http2Server}
 */
function createGrpcServer(onCall, certificate) {
  const server = certificate ? http2.createSecureServer(certificate).on('tlsClientError', () => {}) : http2.createServer();
  const sessions = new Set();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {}).on('close', () => sessions.delete(session));
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream, headers) => {
    const chunks = [];
    stream.on('error', () => {}).on('data', (chunk) => chunks.push(chunk)).on('end', () => onCall({ stream, headers, body: Buffer.concat(chunks) }));
  });
  server.endSessions = () => {
    for (const session of sessions) session.destroy();
  };
  return server;
}

/**
 * Reads the request of a call.
 * @param {Call} call
 * @param {number} [maxBytes] the limit of a message, after decompression
 * @returns {{json: object, received: number, decompressed: number}} OTLP/JSON and sizes in bytes
 * @throws {GrpcError} if it is not a call of the metrics service
 */
function readCall({ headers, body }, maxBytes = Number.POSITIVE_INFINITY) {
  if (headers[':path'] !== METHOD) throw new GrpcError(CODES.unimplemented, `unknown method ${headers[':path']}`);
  if (headers['content-type'] !== 'application/grpc' || headers.te !== 'trailers') throw new GrpcError(CODES.invalidArgument, 'this is not gRPC');
  if (!/^\d{1,8}[HMSmun]$/.test(headers['grpc-timeout'] ?? '')) throw new GrpcError(CODES.invalidArgument, 'there is no deadline');
  if (body.length < PREFIX_BYTES || body.readUInt32BE(1) !== body.length - PREFIX_BYTES) throw new GrpcError(CODES.invalidArgument, 'there is not one message');
  const encoding = headers['grpc-encoding'] ?? 'identity';
  if (body[0] === 1 && encoding !== 'gzip') throw new GrpcError(CODES.invalidArgument, `${encoding} is unknown`);
  const packed = body.subarray(PREFIX_BYTES);
  try {
    const message = body[0] === 1 ? zlib.gunzipSync(packed) : packed;
    if (message.length > maxBytes) throw new GrpcError(CODES.resourceExhausted, `received message larger than max (${message.length} vs. ${maxBytes})`);
    return { json: decodeRequest(message), received: packed.length, decompressed: message.length };
  } catch (error) {
    throw error instanceof GrpcError ? error : new GrpcError(CODES.invalidArgument, error.message);
  }
}

/** A call that is rejected, with the code of the answer. */
class GrpcError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Answers a call that was accepted.
 * @param {import('node:http2').ServerHttp2Stream} stream
 * @param {{rejectedDataPoints: number, errorMessage: string}} [partialSuccess] Default: everything was accepted
 */
function accept(stream, partialSuccess) {
  const message = encodeResponse(partialSuccess);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  stream.respond(RESPONSE, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([prefix, message]));
}

/**
 * Answers a call that was rejected.
 * @param {import('node:http2').ServerHttp2Stream} stream
 * @param {number} code
 * @param {string} message
 * @param {Uint8Array} [details] a `google.rpc.Status`
 */
function reject(stream, code, message, details) {
  const binary = details && { 'grpc-status-details-bin': Buffer.from(details).toString('base64').replaceAll('=', '') };
  stream.respond(RESPONSE, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': `${code}`, 'grpc-message': encodeURIComponent(message), ...binary }));
  stream.end();
}

const RESPONSE = { ':status': 200, 'content-type': 'application/grpc' };

module.exports = { createGrpcServer, readCall, GrpcError, accept, reject, CODES, RESPONSE };
