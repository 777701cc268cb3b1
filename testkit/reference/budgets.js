'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The document that promises how many values an attribute may take in a metric: rows of "| `metric` | … | `attribute` (20), … | …". */
const DOCUMENT = path.join(__dirname, '..', '..', 'docs', 'metrics.md');
const OVERFLOW = '_overflow_';

/** Keeps the values of attributes within their budgets: one more is recorded as `_overflow_`. */
class Budgets {
  #room = promised();
  #seen = new Map();

  /**
   * @param {string} metric
   * @param {Record<string, string>} attributes
   * @returns {{attributes: Record<string, string>, over: string[]}} what to record, and the attributes that had no room left
   */
  admit(metric, attributes) {
    const over = Object.keys(attributes).filter((key) => !this.#hasRoom(`${metric} ${key}`, attributes[key]));
    return { attributes: { ...attributes, ...Object.fromEntries(over.map((key) => [key, OVERFLOW])) }, over };
  }

  #hasRoom(name, value) {
    if (!this.#seen.has(name)) this.#seen.set(name, new Set());
    const values = this.#seen.get(name);
    if (values.size < this.#room.get(name)) values.add(value);
    return values.has(value);
  }
}

/** @returns {Map<string, number>} by metric and attribute */
function promised() {
  const rows = Array.from(fs.readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `(ccxray\.\S+)` \|[^|]+\|([^|]+)\|/gm));
  return new Map(rows.flatMap(([, metric, attributes]) => (
    Array.from(attributes.matchAll(/`(\S+)` \((\d+)\)/g), ([, attribute, room]) => [`${metric} ${attribute}`, Number(room)])
  )));
}

module.exports = { Budgets };
