'use strict';

// A collector that accepts everything, in another process, so that receiving does not cost the measured process
// any time. It keeps the bodies and decodes them only on request.

const { createServer } = require('node:http');
const { gunzipSync } = require('node:zlib');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { decodeRequest } = require('../testkit/otlp/messages');
const { pointsByMetric } = require('../demo/otlp/series');

/** How many requests are kept. One export has at most two. */
const KEPT = 64;

/**
 * @typedef {object} Sink
 * @property {string} base base URL, no slash at the end
 * @property {string} url the metrics URL
 * @property {() => Promise<{requests: number, bytes: number, points: Record<string, number>[]}>} seen since
 *   the last call: number of requests and their bytes on the wire, and for each kept request (newest last) the
 *   data points per metric name
 * @property {() => Promise<void>} close ends the process
 */

/** @returns {Promise<Sink>} a running sink on a free port of the loopback interface */
async function start() {
  const child = fork(__filename, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  const [{ port }] = await once(child, 'message');
  const base = `http://127.0.0.1:${port}`;
  return {
    base,
    url: `${base}/v1/metrics`,
    seen: async () => {
      child.send('seen');
      const [answer] = await once(child, 'message');
      return answer;
    },
    close: async () => {
      if (child.exitCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

function serve() {
  let requests = 0;
  let bytes = 0;
  let kept = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      requests += 1;
      bytes += body.length;
      kept.push({ body, isGzip: request.headers['content-encoding'] === 'gzip' });
      if (kept.length > KEPT) kept.shift();
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  process.on('message', () => {
    const points = kept.map(({ body, isGzip }) => pointsByMetric(decodeRequest(isGzip ? gunzipSync(body) : body)));
    process.send({ requests, bytes, points });
    requests = 0;
    bytes = 0;
    kept = [];
  });
  process.on('disconnect', () => process.exit(0));
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

if (require.main === module) serve();

module.exports = { start };
