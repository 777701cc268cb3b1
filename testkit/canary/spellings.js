'use strict';

/** Characters that nobody sees, by their kind. */
const UNSEEN = {
  control: ['\u0001', '\u0007', '\u001b', '\u007f', '\u0085', '\u009f'],
  'no width': ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u180e', '\u3164', '\u115f'],
  direction: ['\u202e', '\u202a', '\u2066', '\u2069', '\u200e', '\u200f', '\u061c'],
  tag: ['\u{e0001}', '\u{e0041}', '\u{e007f}', '\u{e0100}'],
  variant: ['\ufe0f', '\ufe00', '\u180b'],
  accent: ['\u0301', '\u0335', '\u20dd'],
};

/** Other ways to write a text. Each is given the text and a random generator. */
const SPELLINGS = {
  plain: (text) => text,
  ...Object.fromEntries(Object.entries(UNSEEN).map(([kind, characters]) => [`with characters: ${kind}`, (text, random) => scattered(text, characters, random)])),
  'wide letters': (text) => mapped(text, wide),
  'one wide letter': (text, random) => {
    const letters = Array.from(text);
    const at = random.int(0, letters.length - 1);
    return letters.map((letter, i) => (i === at ? wide(letter) : letter)).join('');
  },
  'mathematical letters': (text) => mapped(text, mathematical),
  'letters in circles': (text) => mapped(text, circled),
  'small signs': (text) => mapped(text, (letter) => SMALL[letter] ?? letter),
  'similar signs': (text) => mapped(text, (letter) => SIMILAR[letter] ?? letter),
};

/** Encoded forms that a gate can be expected to read. */
const ENCODINGS = {
  'percent-encoded': (text) => encodeURIComponent(text),
  'percent-encoded letters': (text) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'percent-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
};

/** A text in the middle of others. */
const SURROUNDINGS = {
  alone: (text) => text,
  'after a word': (text) => `deploy ${text}`,
  'between words': (text) => `run (${text}) now`,
  'in quotes': (text) => `say "${text}"`,
  'after a colon': (text) => `acme:${text}`,
  'after an equals sign': (text) => `target=${text}`,
  'after an underscore': (text) => `acme_${text}`,
  'after many words': (text) => `${'deploy '.repeat(15)}${text}`,
  'before a comma': (text) => `${text}, please`,
  'after CJK': (text) => `部署 ${text}`,
};

function scattered(text, characters, random) {
  const letters = Array.from(text);
  for (let times = random.int(1, 3); times > 0; times -= 1) letters.splice(random.int(1, letters.length - 1), 0, random.pick(characters));
  return letters.join('');
}

function mapped(text, map) {
  return Array.from(text, map).join('');
}

function wide(letter) {
  const code = letter.codePointAt(0);
  return code > 0x20 && code < 0x7f ? String.fromCodePoint(code + 0xfee0) : letter;
}

function mathematical(letter) {
  if (/[A-Z]/.test(letter)) return String.fromCodePoint(0x1d400 + letter.charCodeAt(0) - 65);
  if (/[a-z]/.test(letter)) return String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97);
  return /\d/.test(letter) ? String.fromCodePoint(0x1d7ce + Number(letter)) : letter;
}

function circled(letter) {
  if (/[A-Z]/.test(letter)) return String.fromCodePoint(0x24b6 + letter.charCodeAt(0) - 65);
  if (/[a-z]/.test(letter)) return String.fromCodePoint(0x24d0 + letter.charCodeAt(0) - 97);
  return /[1-9]/.test(letter) ? String.fromCodePoint(0x2460 + Number(letter) - 1) : letter;
}

const SMALL = { '@': '\ufe6b', '.': '\u2024', ':': '\ufe55', '\\': '\ufe68', '%': '\ufe6a', '-': '\ufe63', '_': '\ufe4d', '=': '\ufe66', '$': '\ufe69', '&': '\ufe60' };
const SIMILAR = { '-': '\u2011', '/': '\u2215', '.': '\u3002', ':': '\u2236', '\\': '\u2216', '~': '\u223c' };

module.exports = { SPELLINGS, ENCODINGS, SURROUNDINGS };
