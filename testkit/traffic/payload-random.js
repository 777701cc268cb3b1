'use strict'

// Payloads must be the same on every run and every machine, so that two runs can be compared.

/**
 * A small seeded generator (mulberry32).
 *
 * @param {number} seed any 32-bit integer
 * @returns {() => number} uniform numbers in [0, 1), the same sequence for the same seed
 */
function random(seed) {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * @template T
 * @param {() => number} next a generator from `random`
 * @param {T[]} list what to choose from, not empty
 * @returns {T}
 */
function pick(next, list) {
  return list[Math.floor(next() * list.length)]
}

/**
 * @param {() => number} next a generator from `random`
 * @param {number} length number of hex digits
 * @returns {string}
 */
function hex(next, length) {
  let text = ''
  while (text.length < length) text += Math.floor(next() * 16).toString(16)
  return text
}

module.exports = { random, pick, hex }
