'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The page with the cardinality limits, in rows of "| `metric` | … | `attribute` (20), … | …". */
const DOCUMENT = path.join(__dirname, '..', '..', 'docs', 'metrics.md');
const OVERFLOW = '_overflow_';

/** Applies the cardinality limits: a value beyond the limit of its attribute is recorded as `_overflow_`. */
class CardinalityLimits {
  #limits = documentedLimits();
  #seen = new Map();

  /**
   * @param {string} metric
   * @param {Record<string, string>} attributes
   * @returns {{attributes: Record<string, string>, overflowed: string[]}} what to record, and the attributes beyond their limit
   */
  apply(metric, attributes) {
    const overflowed = Object.keys(attributes).filter((key) => !this.#isWithin(`${metric} ${key}`, attributes[key]));
    return { attributes: { ...attributes, ...Object.fromEntries(overflowed.map((key) => [key, OVERFLOW])) }, overflowed };
  }

  #isWithin(name, value) {
    if (!this.#seen.has(name)) this.#seen.set(name, new Set());
    const values = this.#seen.get(name);
    if (values.size < this.#limits.get(name)) values.add(value);
    return values.has(value);
  }
}

/** @returns {Map<string, number>} by metric and attribute */
function documentedLimits() {
  const rows = Array.from(fs.readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `(ccxray\.\S+)` \|[^|]+\|([^|]+)\|/gm));
  return new Map(rows.flatMap(([, metric, attributes]) => (
    Array.from(attributes.matchAll(/`(\S+)` \((\d+)\)/g), ([, attribute, limit]) => [`${metric} ${attribute}`, Number(limit)])
  )));
}

module.exports = { CardinalityLimits };
