'use strict';

const path = require('node:path');

const protobuf = require('protobufjs');

const SERVICE = 'opentelemetry.proto.collector.metrics.v1';
const root = loaded('opentelemetry/proto/collector/metrics/v1/metrics_service.proto');
const Request = root.lookupType(`${SERVICE}.ExportMetricsServiceRequest`);
const Response = root.lookupType(`${SERVICE}.ExportMetricsServiceResponse`);

/**
 * Reads an OTLP metrics request in protobuf form.
 * @param {Uint8Array} body
 * @returns {object} the request as OTLP/JSON: lowerCamelCase keys, 64-bit numbers as strings, enums as numbers, without
 *   the fields that were not sent
 * @throws {Error} if the bytes are not such a request
 */
function decodeRequest(body) {
  return toJson(Request.decode(body));
}

/**
 * Reads an OTLP metrics request in JSON form, as strictly as the protobuf one.
 * @param {string} text
 * @returns {object} OTLP/JSON as `decodeRequest` gives it, without unknown fields
 * @throws {Error} if the text is not such a request
 */
function parseRequest(text) {
  const json = JSON.parse(text);
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new TypeError('object expected');
  return toJson(Request.fromObject(json));
}

/**
 * Writes an OTLP metrics request in protobuf form.
 * @param {object} json OTLP/JSON
 * @returns {Uint8Array}
 */
function encodeRequest(json) {
  return Request.encode(Request.fromObject(json)).finish();
}

/** Reads a file of `proto/` and the files that it imports. Their paths are relative to `proto/`. */
function loaded(file) {
  const schema = new protobuf.Root();
  schema.resolvePath = (_, name) => path.join(__dirname, 'proto', name);
  return schema.loadSync(file);
}

function toJson(message) {
  return Request.toObject(message, { longs: String, enums: Number, bytes: String });
}

/**
 * Writes the response to a request in protobuf form.
 * @param {{rejectedDataPoints: number, errorMessage: string}} [partialSuccess] Default: everything was accepted
 * @returns {Uint8Array}
 */
function encodeResponse(partialSuccess) {
  return Response.encode(Response.fromObject(partialSuccess ? { partialSuccess } : {})).finish();
}

/**
 * @param {object} [value] an AnyValue in OTLP/JSON
 * @returns {string|number|boolean|undefined} integers as numbers; arrays, maps and bytes as their JSON
 */
function plainValue(value = {}) {
  if ('stringValue' in value) return value.stringValue;
  if ('boolValue' in value) return value.boolValue;
  if ('intValue' in value) return Number(value.intValue);
  if ('doubleValue' in value) return value.doubleValue;
  return Object.keys(value).length > 0 ? JSON.stringify(value) : undefined;
}

/**
 * @param {object[]} [attributes] KeyValues in OTLP/JSON
 * @returns {Record<string, string|number|boolean>} keys sorted
 */
function plainAttributes(attributes = []) {
  const pairs = attributes.map(({ key, value }) => [key, plainValue(value)]);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(pairs);
}

module.exports = { decodeRequest, parseRequest, encodeRequest, encodeResponse, plainAttributes };
