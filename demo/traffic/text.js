'use strict';

const { TITLES, WORDS } = require('./lexicon');

/** @returns {string} that many words of plain prose */
function prose(random, words) {
  return Array.from({ length: words }, () => random.pick(WORDS)).join(' ');
}

/**
 * A title as ccxray stores it. ccxray cuts titles after a number of UTF-16 units, sometimes inside an emoji, which leaves
 * a lone surrogate in the JSON.
 */
function title(random) {
  const text = random.pick(TITLES);
  const emoji = text.search(/[\ud800-\udbff]/);
  if (emoji >= 0 && random.chance(0.4)) return text.slice(0, emoji + 1);
  return text;
}

/**
 * Cuts a text into pieces of at most `size` characters, never inside a character.
 * @returns {string[]} at least one piece, which may be empty
 */
function pieces(text, size) {
  const characters = Array.from(text);
  const out = [];
  for (let i = 0; i < characters.length; i += size) out.push(characters.slice(i, i + size).join(''));
  return out.length > 0 ? out : [''];
}

module.exports = { prose, title, pieces };
