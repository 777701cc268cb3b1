'use strict';

const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const { listening } = require('../receiver/loopback');

/** How late an answer is, if it is late. */
const LATE_MS = 400;

/** What a gate does with a request. `isForwarded`: the backend gets it. `answer`: what the exporter gets. */
const BEHAVIOURS = {
  up: { isForwarded: true, answer: 'backend' },
  down: { isForwarded: false, answer: 'unavailable' },
  hangs: { isForwarded: false, answer: 'never' },
  breaks: { isForwarded: false, answer: 'none' },
  losesAnswers: { isForwarded: true, answer: 'none' },
  answersLate: { isForwarded: true, answer: 'late' },
};

/**
 * Starts a collector in front of a backend, which can fail while the backend goes on.
 * @param {string} backend the OTLP endpoint of the backend, to which `/v1/metrics` is appended
 * @returns {Promise<Gate>} listening; `up` at first
 */
async function startGate(backend) {
  const gate = new Gate(backend);
  await gate.listen();
  return gate;
}

/** A collector that forwards what it is told to forward. */
class Gate {
  /** Chooses one of `BEHAVIOURS` for each request. */
  choose = () => 'up';
  /** How many requests the backend has taken. */
  taken = 0;
  #backend;
  #server = http.createServer((request, response) => void this.#answer(request, response));

  constructor(backend) {
    this.#backend = backend;
  }

  /** @returns {string} the OTLP endpoint for an exporter */
  get endpoint() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** @param {string} behaviour one of `BEHAVIOURS`, for all requests from now on */
  set(behaviour) {
    if (!Object.hasOwn(BEHAVIOURS, behaviour)) throw new RangeError(`a gate cannot be ${behaviour}`);
    this.choose = () => behaviour;
  }

  /** @returns {Promise<void>} resolves when the port is open */
  listen() {
    return listening(this.#server);
  }

  /** @returns {Promise<void>} resolves when the port is closed and no connection is left */
  async close() {
    const closed = new Promise((resolve) => { this.#server.close(resolve); });
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request, response) {
    const { isForwarded, answer } = BEHAVIOURS[this.choose()];
    const body = await read(request).catch(() => undefined);
    // A request that is cut off is not one.
    if (body === undefined) return void response.destroy();
    const answered = isForwarded ? await this.#forward(request, body) : { status: 503 };
    if (answer === 'none') return void response.destroy();
    if (answer === 'never') return undefined;
    if (answer === 'late') await sleep(LATE_MS);
    response.on('error', () => {}).writeHead(answered.status, answered.headers).end(answered.body);
    return undefined;
  }

  async #forward({ url, headers }, body) {
    const { 'content-type': type, 'content-encoding': encoding } = headers;
    const answer = await fetch(this.#backend + url, {
      method: 'POST',
      headers: { 'content-type': type, ...encoding && { 'content-encoding': encoding } },
      body,
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.ok) this.taken += 1;
    return { status: answer.status, headers: { 'content-type': answer.headers.get('content-type') ?? type }, body: bytes };
  }
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

module.exports = { startGate, BEHAVIOURS };
