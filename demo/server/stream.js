'use strict';

const { flat } = require('../receiver/feed');

/** A page that takes nothing for so long is left behind. It connects again and gets everything once more. */
const MAX_WAITING_BYTES = 64 << 20;
/** How many values the messages of the snapshot have. */
const VALUES_PER_MESSAGE = 5000;

/**
 * Sends the store to a page, and then everything that is added to it, as server-sent events.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
class Stream {
  #response;
  #unwatch = () => {};

  /** @param {import('node:http').ServerResponse} response with status and headers */
  constructor(response) {
    this.#response = response;
  }

  /**
   * @param {object} hello the first message
   * @param {object} source
   * @param {import('../store').MetricStore} source.store
   * @param {import('../receiver/feed').Feed} source.feed
   */
  async run(hello, { store, feed }) {
    this.send('hello', hello);
    this.send('series', feed.series);
    // What is added from now on comes after the snapshot, which is made without a pause. As text it takes the least memory.
    const snapshot = Array.from(batches(store.entries()), (data) => messageOf('points', data));
    const later = [];
    let waiting = 0;
    this.#unwatch = feed.watch((event, data) => {
      const message = messageOf(event, data);
      later.push(message);
      waiting += message.length;
      if (waiting > MAX_WAITING_BYTES) this.close();
    });
    for (const message of snapshot) {
      this.#write(message);
      if (!(await this.#isDrained())) return;
    }
    this.#unwatch();
    for (const message of later) this.#write(message);
    this.#unwatch = feed.watch((event, data) => this.send(event, data));
    this.send('ready', {});
  }

  send(event, data) {
    this.#write(messageOf(event, data));
  }

  #write(message) {
    if (this.#response.destroyed) return;
    this.#response.write(message);
    if (this.#response.writableLength > MAX_WAITING_BYTES) this.close();
  }

  close() {
    this.#unwatch();
    this.#response.destroy();
  }

  /** Waits until the page has taken what was sent. Resolves to false if it has gone. */
  #isDrained() {
    const response = this.#response;
    if (response.destroyed) return Promise.resolve(false);
    if (!response.writableNeedDrain) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = () => {
        response.off('drain', done).off('close', done);
        resolve(!response.destroyed);
      };
      response.on('drain', done).on('close', done);
    });
  }
}

function messageOf(event, data) {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The entries of a store in messages of bounded size. */
function* batches(entries) {
  for (const { timeMs, values } of entries) {
    for (let at = 0; at < values.length; at += VALUES_PER_MESSAGE) {
      yield { timeMs, values: values.slice(at, at + VALUES_PER_MESSAGE).map(([id, value]) => [id, flat(value)]) };
    }
  }
}

module.exports = { Stream };
