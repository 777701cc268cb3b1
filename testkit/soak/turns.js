'use strict';

const payloads = require('../traffic/payloads');
const { syntheticDay } = require('../traffic/day');
const { Random } = require('../traffic/random');
const { GroundTruth } = require('../reference');
const { TURNS } = require('../entries/turn');

/** What is added up on both sides of the wire. */
const SUMS = {
  turns: TURNS,
  input: 'ccxray.tokens.input_total',
  output: 'ccxray.tokens.output_total',
  cost: 'ccxray.cost.usd_total',
};

/** Lengths of responses; the usual ones are as they come. */
const SIZES = { usual: undefined, '60 KB': 60 * 1024, '0.5 MB': 512 * 1024 };
const USUAL_TURNS = 300;
/** So many at least that what remembers sessions is full before the warm-up of an hour is over. */
const TURNS_PER_SESSION = 2;

/**
 * Finished turns of all three agents without end, each with ids of its own. The same seed gives the same turns. They are made of a few
 * hundred, so that what the host itself holds stays the same.
 */
class Turns {
  /** Sums over all turns that were given out, by the names of `SUMS`. */
  truth = { turns: 0, input: 0, output: 0, cost: 0 };
  #pools;
  #random;
  #given = 0;
  #session;

  /** @param {number} seed */
  constructor(seed) {
    this.#random = new Random(seed);
    const usual = Array.from(syntheticDay({ turns: USUAL_TURNS, seed })).filter(({ entry }) => entry.model !== null);
    this.#pools = { usual: usual.map(({ line, parts }) => prepared(line, parts)) };
    for (const [size, length] of Object.entries(SIZES)) {
      if (length !== undefined) this.#pools[size] = ['ascii', 'cjk'].flatMap((script) => large(script, length));
    }
  }

  /**
   * @param {string} size one of `SIZES`
   * @returns {{line: string, parts: object}} what `record` takes
   */
  next(size) {
    const { entry, parts, truth } = this.#random.pick(this.#pools[size]);
    if (this.#given % TURNS_PER_SESSION === 0) this.#session = this.#random.uuid4();
    this.#given += 1;
    for (const name of Object.keys(SUMS)) this.truth[name] += truth[name];
    const ids = entry.responseId === undefined ? {} : { responseId: `msg_01${this.#random.hex(22)}` };
    return { line: JSON.stringify({ ...entry, ...ids, sessionId: this.#session, receivedAt: Date.now() }), parts };
  }
}

function large(script, responseLength) {
  return [0, 1].map((index) => {
    const { line, response } = payloads.turn(index, script, { responseLength });
    return prepared(line, { response });
  });
}

function prepared(line, parts) {
  const alone = new GroundTruth();
  alone.add({ line, parts });
  const truth = Object.fromEntries(Object.entries(SUMS).map(([name, metric]) => [name, sum(alone.totals.counters.get(metric))]));
  return { entry: JSON.parse(line), parts, truth };
}

function sum(series = new Map()) {
  return Array.from(series.values()).reduce((all, one) => all + one, 0);
}

module.exports = { Turns, SIZES, SUMS };
