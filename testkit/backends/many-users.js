'use strict';

const { randomUUID } = require('node:crypto');
const http = require('node:http');
const { promisify } = require('node:util');
const zlib = require('node:zlib');

const { encodeRequest } = require('../otlp/messages');

const gzip = promisify(zlib.gzip);

/**
 * Sends the same request for many users to a receiver on this machine. Each user has an own `service.instance.id`, and each
 * round has newer times.
 * @param {string} endpoint without `/v1/metrics`
 * @param {object} request OTLP/JSON of one user, with cumulative temporality
 * @param {object} options
 * @param {number} options.users
 * @param {number} options.rounds requests of each user
 * @param {number} [options.connections] Default: 8
 * @returns {Promise<{requests: number, refused: number, bytes: number, seconds: number}>} `bytes` are those of the bodies
 */
async function sendForManyUsers(endpoint, request, { users, rounds, connections = 8 }) {
  const target = new URL(`${endpoint}/v1/metrics`);
  if (target.hostname !== '127.0.0.1') throw new RangeError(`${target.hostname} is not this machine`);
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const instances = Array.from({ length: users }, () => randomUUID());
  const result = { requests: 0, refused: 0, bytes: 0, seconds: 0 };
  const begun = process.hrtime.bigint();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const shift = BigInt(round) * 1_000_000_000n;
      const waiting = [...instances];
      await Promise.all(Array.from({ length: connections }, async () => {
        for (let instance = waiting.pop(); instance !== undefined; instance = waiting.pop()) {
          const body = await gzip(encodeRequest(ofUser(request, instance, shift)));
          const status = await post(target, agent, body);
          result.requests += 1;
          result.bytes += body.length;
          if (status !== 200) result.refused += 1;
        }
      }));
    }
  } finally {
    agent.destroy();
  }
  result.seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  return result;
}

/** The same request with another instance and newer times. */
function ofUser(request, instance, shift) {
  return JSON.parse(JSON.stringify(request, (key, value) => {
    if (key === 'timeUnixNano') return String(BigInt(value) + shift);
    if (value?.key === 'service.instance.id') return { key: value.key, value: { stringValue: instance } };
    return value;
  }));
}

function post(target, agent, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip', 'content-length': body.length };
    const sent = http.request(target, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

module.exports = { sendForManyUsers };
