'use strict';

const { Random } = require('../../demo/traffic/random');

/**
 * Unique strings that are planted in inputs, each with its kind.
 *
 * `content` must never be sent. Names (`tool`, `server`, `mcpTool`, `skill`, `agent`, `model`), the `identity`, the value of
 * a `variable` and the `token` may be sent if the user agreed. `directory` may appear only in local files and messages.
 */
class Markers {
  /** By marker: `{kind, where, isExpected, isName}`. */
  planted = new Map();
  random;
  #prefix;

  /**
   * @param {number} stream below 1296; markers of different streams are all different
   * @param {number} seed the same seed and stream give the same markers
   */
  constructor(stream, seed) {
    this.random = new Random(seed).fork(stream);
    this.#prefix = PREFIX + stream.toString(36).padStart(2, '0');
  }

  /**
   * @param {string} [kind]
   * @param {string} [where] a description of the place, for reports
   * @param {boolean} [isExpected] whether it must arrive if its kind may be sent
   * @returns {string} a new marker
   */
  mint(kind = 'content', where = '', isExpected = false) {
    for (;;) {
      const marker = this.#prefix + this.#letters() + this.#letters();
      // A long number is never sent.
      if (this.planted.has(marker) || /\d{9}/.test(marker)) continue;
      this.planted.set(marker, { kind, where, isExpected, isName: false });
      return marker;
    }
  }

  /**
   * Marks the markers in a text as names: the text is in a place for a name, such as the type of an event, and looks like a
   * name. The drift log may contain it.
   * @param {string} text
   * @returns {string} the same
   */
  asName(text) {
    for (const { marker } of markersIn(text)) this.planted.get(marker).isName = true;
    return text;
  }

  #letters() {
    return this.random.int(0, 36 ** 5 - 1).toString(36).padStart(5, '0');
  }
}

/**
 * Every marker in a text or in bytes, in upper or lower case, and every beginning of a marker.
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
/** The prefix with three letters is hardly ever a coincidence: in compressed bytes it occurs once in a thousand runs. */
const MARKER = /cnry[0-9a-z]{3,12}/g;

module.exports = { Markers, markersIn };
