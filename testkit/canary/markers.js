'use strict';

const { Random } = require('../traffic/random');

/**
 * Strings that stand nowhere but where they were planted, each with what it stands for.
 *
 * `content` must never leave. Names (`tool`, `server`, `mcpTool`, `skill`, `agent`, `model`), the `identity`, the value of
 * a `variable` and the `token` may, where it was agreed to; `directory` may be named locally only.
 */
class Markers {
  /** By marker: `{kind, where, isExpected, isWord}`. */
  planted = new Map();
  random;
  #prefix;

  /**
   * @param {number} stream two sets with different numbers have no marker in common; below 1296
   * @param {number} seed the same seed and stream give the same markers
   */
  constructor(stream, seed) {
    this.random = new Random(seed).fork(stream);
    this.#prefix = PREFIX + stream.toString(36).padStart(2, '0');
  }

  /**
   * @param {string} [kind]
   * @param {string} [where] what a person is told who has to find the place
   * @param {boolean} [isExpected] it must arrive, where its kind may
   * @returns {string} a new one
   */
  mint(kind = 'content', where = '', isExpected = false) {
    for (;;) {
      const marker = this.#prefix + this.#letters() + this.#letters();
      if (this.planted.has(marker)) continue;
      this.planted.set(marker, { kind, where, isExpected, isWord: false });
      return marker;
    }
  }

  /**
   * Notes that a text stands where an agent calls something by its name, such as the type of an event or a tool, and looks
   * like a name: the log of what was not understood may hold it.
   * @param {string} text
   * @returns {string} the same
   */
  asWord(text) {
    for (const { marker } of markersIn(text)) this.planted.get(marker).isWord = true;
    return text;
  }

  #letters() {
    return this.random.int(0, 36 ** 5 - 1).toString(36).padStart(5, '0');
  }
}

/**
 * Every marker in a text or in bytes, in whatever case, and every piece of one that begins it.
 * @param {string|Buffer} text
 * @returns {{marker: string, around: string}[]}
 */
function markersIn(text) {
  const letters = (typeof text === 'string' ? text : text.toString('latin1')).toLowerCase();
  return Array.from(letters.matchAll(MARKER), ({ 0: marker, index }) => ({ marker, around: around(letters, index) }));
}

function around(text, index) {
  return text.slice(Math.max(0, index - 40), index + 60).replaceAll(/[^ -~]/g, '.');
}

const PREFIX = 'cnry';
/** Three letters after the prefix are no chance: in a whole run of compressed bytes they come once in a thousand runs. */
const MARKER = /cnry[0-9a-z]{3,12}/g;

module.exports = { Markers, markersIn };
