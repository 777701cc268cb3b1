'use strict';

const { constants } = require('node:http2');

const protobuf = require('protobufjs');

const { CODES, RESPONSE, accept, reject } = require('../receiver/grpc');

/*
 * What a collector for gRPC may do instead of accepting metrics. Faults below HTTP/2 are in `misbehaviour.js`.
 */

const OTLP_PREFIX = Buffer.from('0000000009', 'hex');
const GARBAGE = Buffer.from('fffefd3c68746d6c3e', 'hex');
const MEBIBYTE = Buffer.alloc(1 << 20, 0x0a);

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
`, { keepCase: true });

/** A `google.rpc.Status` with the delay after which a client may try again. */
function retryInfo(code, seconds) {
  const [status, info] = ['Status', 'RetryInfo'].map((name) => root.lookupType(name));
  const value = info.encode({ retry_delay: { seconds } }).finish();
  return status.encode({ code, message: 'later', details: [{ type_url: 'type.googleapis.com/google.rpc.RetryInfo', value }] }).finish();
}

/** Answers to a call whose request was read. `points` is the number of its points. */
const CALLS = {
  partialSuccess: (stream, { points }) => accept(stream, { rejectedDataPoints: points, errorMessage: 'no room' }),
  /** Says that it takes no further calls, and drops this one. */
  goesAway: ({ session }) => session.goaway(constants.NGHTTP2_NO_ERROR, 0) ?? setImmediate(() => session.destroy()),
  resetsStream: (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  refusesStream: (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  slowHeaders: () => {},
  /** Sends the headers, and never the rest. */
  hangsWithinCall: (stream) => stream.respond(RESPONSE),
  /** Ends the answer without a status. */
  noStatus: (stream) => stream.respond(RESPONSE) ?? stream.end(),
  /** Sends its status in the only headers. */
  trailersOnly: (stream) => stream.respond({ ...RESPONSE, 'grpc-status': `${CODES.unavailable}`, 'grpc-message': 'down' }, { endStream: true }),
  garbage(stream) {
    stream.respond(RESPONSE, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.concat([OTLP_PREFIX, GARBAGE]));
  },
  '100 MB'(stream) {
    stream.respond(RESPONSE);
    let left = 100;
    const more = () => {
      while (left-- > 0) if (!stream.write(MEBIBYTE)) return void stream.once('drain', more);
      return stream.end();
    };
    more();
  },
  'code 14 and a second': (stream) => reject(stream, CODES.unavailable, 'later', retryInfo(CODES.unavailable, 1)),
  'code 8 and an hour': (stream) => reject(stream, CODES.resourceExhausted, 'later', retryInfo(CODES.resourceExhausted, 3600)),
};

for (let code = 1; code <= 16; code += 1) CALLS[`code ${code}`] = (stream) => reject(stream, code, 'no');
for (const status of [404, 503]) {
  CALLS[`HTTP ${status}`] = (stream) => stream.respond({ ':status': status, 'content-type': 'text/html' }) ?? stream.end('<html>');
}
/** A server for web pages that has the page. */
CALLS['HTTP 200'] = (stream) => stream.respond({ ':status': 200, 'content-type': 'text/html' }) ?? stream.end('<html>');

module.exports = { CALLS };
