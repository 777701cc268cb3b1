'use strict';

const SERVICE = 'opentelemetry.proto.collector.metrics.v1';

/**
 * Reads and writes OTLP metrics requests with the published `.proto` files.
 * @param {object} root a `Root` of protobufjs with the messages of `proto/`
 */
function codecOf(root) {
  const Request = root.lookupType(`${SERVICE}.ExportMetricsServiceRequest`);
  const Response = root.lookupType(`${SERVICE}.ExportMetricsServiceResponse`);
  const toJson = (message) => Request.toObject(message, { longs: String, enums: Number, bytes: String });
  return {
    /**
     * Reads a request in protobuf form.
     * @param {Uint8Array} body
     * @returns {object} the request as OTLP/JSON: lowerCamelCase keys, 64-bit numbers as strings, enums as numbers,
     *   without the fields that were not sent
     * @throws {Error} if the bytes are not such a request
     */
    decodeRequest: (body) => toJson(Request.decode(body)),

    /**
     * Reads a request in JSON form, as strictly as the protobuf one.
     * @param {string} text
     * @returns {object} OTLP/JSON as `decodeRequest` gives it, without unknown fields
     * @throws {Error} if the text is not such a request
     */
    parseRequest(text) {
      const json = JSON.parse(text);
      if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new TypeError('object expected');
      return toJson(Request.fromObject(json));
    },

    /**
     * Writes a request in protobuf form.
     * @param {object} json OTLP/JSON
     * @returns {Uint8Array}
     */
    encodeRequest: (json) => Request.encode(Request.fromObject(json)).finish(),

    /**
     * Writes the response to a request in protobuf form.
     * @param {{rejectedDataPoints: number, errorMessage: string}} [partialSuccess] Default: everything was accepted
     * @returns {Uint8Array}
     */
    encodeResponse: (partialSuccess) => Response.encode(Response.fromObject(partialSuccess ? { partialSuccess } : {})).finish(),
  };
}

module.exports = { codecOf };
