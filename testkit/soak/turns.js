'use strict';

const payloads = require('../../demo/traffic/payloads');
const { syntheticDay } = require('../../demo/traffic/day');
const { Random } = require('../../demo/traffic/random');
const { Reference } = require('../reference');
const { TURNS } = require('../entries/turn');

/** The sums that are compared, and their metrics. */
const SUMS = {
  turns: TURNS,
  input: 'ccxray.tokens.input_total',
  output: 'ccxray.tokens.output_total',
  cost: 'ccxray.cost.usd_total',
};

/** The lengths of responses. `usual` ones keep their own length. */
const SIZES = { usual: undefined, '60 KB': 60 * 1024, '0.5 MB': 512 * 1024 };
const USUAL_TURNS = 300;
/** So few that the addon's memory of sessions is full before the warm-up of an hour ends. */
const TURNS_PER_SESSION = 2;

/**
 * Finished turns of all three agents without end, each with new ids. The same seed gives the same turns. They are made from a few hundred
 * templates, so that the memory of the host stays the same.
 */
class Turns {
  /** The sums over all turns so far, by the names of `SUMS`. */
  recorded = { turns: 0, input: 0, output: 0, cost: 0 };
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
   * @returns {{line: string, parts: object}} the arguments of `record`
   */
  next(size) {
    const { entry, parts, recorded } = this.#random.pick(this.#pools[size]);
    if (this.#given % TURNS_PER_SESSION === 0) this.#session = this.#random.uuid4();
    this.#given += 1;
    for (const name of Object.keys(SUMS)) this.recorded[name] += recorded[name];
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
  const alone = new Reference();
  alone.add({ line, parts });
  const recorded = Object.fromEntries(Object.entries(SUMS).map(([name, metric]) => [name, sum(alone.totals.counters.get(metric))]));
  return { entry: JSON.parse(line), parts, recorded };
}

function sum(series = new Map()) {
  return Array.from(series.values()).reduce((all, one) => all + one, 0);
}

module.exports = { Turns, SIZES, SUMS };
