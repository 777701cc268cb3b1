'use strict';

const { chosen, excerpt } = require('./excerpt');

/**
 * What is handed over with a turn. The addon reads it only if telemetry is on for the turn's project. So the excerpt and the
 * text are not made before that.
 */
class TurnParts {
  #turn;
  #requestHeaders;
  #note;

  /**
   * @param {object} turn
   * @param {object|null} [turn.request] the parsed request
   * @param {unknown} [turn.response] the text of the response, or what will be serialised
   * @param {object} [turn.headers] of the upstream's response
   * @param {object} origin
   * @param {object} [origin.requestHeaders] of the client's request
   * @param {string} [origin.cwd]
   * @param {number} [origin.launch]
   * @param {(error: unknown) => void} note gets the error of a part that cannot be read. The turn is counted without it
   */
  constructor(turn, { requestHeaders, cwd, launch }, note) {
    this.#turn = turn;
    this.#requestHeaders = requestHeaders;
    this.#note = note;
    this.cwd = cwd;
    this.launch = launch;
  }

  get request() {
    return this.#read(() => excerpt(this.#turn.request));
  }

  get response() {
    return this.#read(() => textOf(this.#turn.response));
  }

  get headers() {
    return this.#read(() => this.#turn.headers);
  }

  get requestHeaders() {
    return this.#read(() => chosen(this.#requestHeaders));
  }

  #read(part) {
    try {
      return part();
    } catch (error) {
      this.#note(error);
      return undefined;
    }
  }
}

/** A text or bytes as they are; anything else as JSON. */
function textOf(response) {
  return typeof response === 'string' || response instanceof Uint8Array ? response : JSON.stringify(response);
}

module.exports = { TurnParts };
