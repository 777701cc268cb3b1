'use strict';

const { promisify } = require('node:util');
const zlib = require('node:zlib');

const gunzip = promisify(zlib.gunzip);

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

/** A request that is rejected, with the status of the answer. */
class Rejection extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads an OTLP metrics request.
 * @param {import('node:http').IncomingMessage} request to `/v1/metrics`
 * @param {object} options
 * @param {number} options.maxBodyBytes the largest size, compressed and decompressed
 * @param {{decodeRequest: Function, parseRequest: Function}} options.codec see `demo/otlp/codec.js`
 * @returns {Promise<{json: object, contentType: string, received: number, decompressed: number}>} the request as
 *   OTLP/JSON, and its sizes in bytes
 * @throws {Rejection}
 */
async function readRequest(request, { maxBodyBytes, codec }) {
  const { contentType, encoding } = checked(request);
  const compressed = await readBody(request, maxBodyBytes);
  const body = encoding === 'gzip' ? await decompress(compressed, maxBodyBytes) : compressed;
  return { json: parsed(body, contentType, codec), contentType, received: compressed.length, decompressed: body.length };
}

/** Answers a request that was accepted. */
function acceptRequest(response, contentType, codec) {
  response.writeHead(200, { 'content-type': contentType });
  response.end(contentType === JSON_TYPE ? '{}' : codec.encodeResponse());
}

/** Answers a request that was rejected, with the reason. */
function rejectRequest(response, error) {
  if (response.headersSent || response.destroyed) return;
  // The rest of a rejected body is not read, so the connection ends with the answer.
  response.writeHead(error instanceof Rejection ? error.status : 500, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${error.message}\n`);
}

function checked({ method, headers }) {
  if (method !== 'POST') throw new Rejection(405, 'send metrics with POST');
  const contentType = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  if (contentType !== PROTOBUF && contentType !== JSON_TYPE) throw new Rejection(415, `content-type must be ${PROTOBUF} or ${JSON_TYPE}`);
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'gzip' && encoding !== 'identity') throw new Rejection(415, 'content-encoding must be gzip or identity');
  return { contentType, encoding };
}

async function readBody(request, limit) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > limit) throw new Rejection(413, `the body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function decompress(compressed, limit) {
  try {
    return await gunzip(compressed, { maxOutputLength: limit });
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw new Rejection(413, `the decompressed body is larger than ${limit} bytes`);
    throw new Rejection(400, `the body is not gzip: ${error.message}`);
  }
}

function parsed(body, contentType, codec) {
  try {
    return contentType === JSON_TYPE ? codec.parseRequest(body.toString('utf8')) : codec.decodeRequest(body);
  } catch (error) {
    throw new Rejection(400, `the body is not an OTLP metrics request: ${error.message}`);
  }
}

module.exports = { Rejection, acceptRequest, readRequest, rejectRequest };
