'use strict';

const path = require('node:path');

const protobuf = require('protobufjs');

const { plainAttributes } = require('../../demo/otlp/attributes');
const { codecOf } = require('../../demo/otlp/codec');

const PROTO = path.join(__dirname, '..', '..', 'demo', 'otlp', 'proto');

/**
 * @returns {object} a `Root` of protobufjs with the messages of OTLP metrics, read from the published `.proto` files
 */
function schema() {
  const root = new protobuf.Root();
  root.resolvePath = (_, name) => path.join(PROTO, name);
  return root.loadSync('opentelemetry/proto/collector/metrics/v1/metrics_service.proto');
}

const { decodeRequest, parseRequest, encodeRequest, encodeResponse } = codecOf(schema());

module.exports = { decodeRequest, parseRequest, encodeRequest, encodeResponse, plainAttributes, schema };
