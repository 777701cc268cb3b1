'use strict';

const { PRIVATE_TEXTS } = require('./private-texts');
const { ENCODINGS, SPELLINGS, SURROUNDINGS } = require('./spellings');

/** A kind of text in a spelling or encoding, within other text. */
const ALL_FORMS = Object.entries(PRIVATE_TEXTS).flatMap(([kind, texts]) => texts.flatMap((text, number) => (
  Object.entries({ ...SPELLINGS, ...ENCODINGS }).flatMap(([spelling, spell]) => Object.entries(SURROUNDINGS).map(([surrounding, surround]) => (
    { title: `${kind} ${number}, ${spelling}, ${surrounding}`, text, spell, surround }
  )))
)));

/** `acme_home/x` is a usual name. */
const FORMS = ALL_FORMS.filter(({ title }) => !/without its root.*after an underscore/.test(title));

/**
 * Private texts that stand where a name is expected.
 * @param {import('./markers').Markers} markers
 * @param {number} count every form occurs before one occurs again
 * @returns {{name: string, title: string, needles: string[]}[]} `needles` are the random parts, in lower case
 */
function privateNames(markers, count) {
  const { random } = markers;
  const order = shuffled(FORMS, random);
  return Array.from({ length: count }, (_, i) => {
    const { title, text, spell, surround } = order[i % order.length];
    const needles = [];
    const noted = (made) => {
      needles.push(made.toLowerCase());
      return made;
    };
    const plain = text({
      mint: () => noted(markers.mint('content', title)),
      hex: (length) => characters('0123456789abcdef', length, random),
      digits: (length) => characters('123456789', length, random),
      octet: () => String(random.int(100, 255)),
    });
    if (needles.length === 0) noted(plain);
    return { name: surround(spell(plain, random)), title, needles };
  });
}

function characters(alphabet, length, random) {
  return Array.from({ length }, () => random.pick(alphabet)).join('');
}

function shuffled(list, random) {
  const copy = Array.from(list);
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const other = random.int(0, i);
    [copy[i], copy[other]] = [copy[other], copy[i]];
  }
  return copy;
}

module.exports = { privateNames, FORMS };
