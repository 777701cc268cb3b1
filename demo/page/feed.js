/** Receives series and points from the server, and fills a store with them. */

import { MetricStore } from '../store/index.js';

/** How long to wait before a stream that the browser has given up is opened again. */
const RETRY_MS = 2000;

/**
 * @typedef {object} Listener
 * @property {(hello: object) => void} onHello
 * @property {(store: MetricStore) => void} onStore there is a new store with all earlier values
 * @property {() => void} onPoints the store has new points
 * @property {(state: object) => void} onState
 * @property {(connection: 'connecting'|'live'|'lost') => void} onConnection
 */

/**
 * Opens the stream, and opens it again when it breaks.
 * @param {string} url
 * @param {Listener} listener
 */
export function openFeed(url, listener) {
  const source = new EventSource(url);
  const filler = new Filler(listener);
  for (const name of ['hello', 'series', 'points', 'ready', 'state']) source.addEventListener(name, ({ data }) => filler[name](JSON.parse(data)));
  source.addEventListener('open', () => listener.onConnection('live'));
  source.addEventListener('error', () => {
    listener.onConnection('lost');
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => openFeed(url, listener), RETRY_MS);
  });
}

/** Fills a store from the events of one stream. The old store stays until the new one has all earlier values. */
export class Filler {
  #listener;
  #store;
  #ids = new Map();
  #isReady = false;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** The stream begins, or begins again: its store is empty. */
  hello(hello) {
    this.#store = new MetricStore(hello.store);
    this.#ids = new Map();
    this.#isReady = false;
    this.#listener.onHello(hello);
  }

  series(descriptors) {
    for (const { id, ...descriptor } of descriptors) this.#ids.set(id, this.#store.define(descriptor));
  }

  points(message) {
    // A message has the points of one time, or a list of such.
    for (const { timeMs, values } of [message].flat()) {
      for (const [id, value] of values) this.#store.add(this.#ids.get(id), timeMs, valueOf(value));
    }
    if (this.#isReady) this.#listener.onPoints();
  }

  ready() {
    this.#isReady = true;
    this.#listener.onStore(this.#store);
  }

  state(state) {
    this.#listener.onState(state);
  }
}

/** A histogram is sent as a list. */
function valueOf(value) {
  if (!Array.isArray(value)) return value;
  const [count, sum, ...buckets] = value;
  return { count, sum, buckets };
}
