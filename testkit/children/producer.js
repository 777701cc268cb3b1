'use strict';

const addon = require('../..');
const { ENTRIES, NOT_ENTRIES } = require('../entries/every-kind');
const { sleep } = require('../waiting');

/** A pause after so many entries lets the worker catch up, so that the queue is full at times and empty at others. */
const PAUSE_EVERY = 1500;

/**
 * Records `count` entries of all kinds in an order that only depends on the seed, and looks at the books again and again.
 * @param {object} options
 * @param {number} options.seed
 * @param {number} options.count
 * @returns {Promise<{offered: number, taken: number, refused: number, garbage: number, looks: number, wrong: object[], maxRss: number}>}
 *   `wrong` are looks at which accepted was not processed + dropped + queued
 */
async function produce({ seed, count }) {
  const random = generator(seed);
  const book = { offered: 0, taken: 0, refused: 0, garbage: 0, looks: 0, wrong: [], maxRss: 0 };
  for (let i = 0; i < count; i += 1) {
    if (random() < 0.05) {
      if (addon.record(NOT_ENTRIES[Math.floor(random() * NOT_ENTRIES.length)]())) throw new Error('it took what is no entry');
      book.garbage += 1;
    }
    const { make, parts } = pick(random());
    book.offered += 1;
    book[addon.record(make(), parts?.()) ? 'taken' : 'refused'] += 1;
    look(book);
    if (i % PAUSE_EVERY === 0) await sleep(20);
  }
  return book;
}

function look(book) {
  const { entries } = addon.status();
  const dropped = Object.values(entries.dropped).reduce((sum, one) => sum + one, 0);
  book.looks += 1;
  if (entries.accepted !== entries.processed + dropped + entries.queued && book.wrong.length < 10) book.wrong.push(entries);
  if (entries.queued > MAX_ENTRIES || entries.queuedBytes > MAX_BYTES) book.wrong.push(entries);
  if (book.looks % 20 === 0) book.maxRss = Math.max(book.maxRss, process.memoryUsage.rss());
}

/** The kind at a place between 0 and 1 of all kinds, each as wide as its weight. */
function pick(place) {
  let left = place * TOTAL_WEIGHT;
  for (const kind of ENTRIES) {
    left -= kind.weight;
    if (left < 0) return kind;
  }
  return ENTRIES[0];
}

/** A linear congruential generator: numbers from 0 up to 1. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const TOTAL_WEIGHT = ENTRIES.reduce((sum, { weight }) => sum + weight, 0);
/** The bounds of the queue, with what two other threads may just be handing over. */
const MAX_ENTRIES = 2048 + 3;
const MAX_BYTES = (64 + 3 * 2) * 1024 * 1024;

module.exports = { produce };
