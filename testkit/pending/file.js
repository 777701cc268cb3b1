'use strict';

const zlib = require('node:zlib');

const { decodeRequest } = require('../otlp/messages');

/** The line with the checksum: eight digits and a line end. */
const CHECKSUM_BYTES = 9;
/** In front of a message of gRPC: whether it is compressed, and its length. */
const FRAME_BYTES = 5;

/**
 * Reads a file of `otel/pending/`.
 * @param {Buffer} bytes
 * @returns {{header: object, requests: object[], marks: string}} the first line, the requests as OTLP/JSON, and the marks
 */
function readPending(bytes) {
  const end = bytes.indexOf('\n');
  const header = JSON.parse(bytes.subarray(0, end).toString('utf8'));
  const { temporality, form = {}, confirmed, newest, intervals } = header.sums;
  const lengths = temporality === 'delta' ? intervals : [...confirmed === null ? [] : [confirmed], newest];
  let at = end + 1 + CHECKSUM_BYTES;
  const requests = lengths.map((length) => {
    const body = bytes.subarray(at, at + length);
    at += length;
    return decodeRequest(messageOf(body, form));
  });
  return { header, requests, marks: bytes.subarray(at).toString('latin1') };
}

function messageOf(body, { is_grpc: isGrpc = false, is_gzip: isGzip = false }) {
  const message = isGrpc ? body.subarray(FRAME_BYTES) : body;
  return isGzip ? zlib.gunzipSync(message) : message;
}

module.exports = { readPending };
