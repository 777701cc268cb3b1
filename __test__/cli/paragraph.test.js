'use strict';

const fc = require('fast-check');

const { linesWithin } = require('../../cli/paragraph');

test.each([
  ['', 5, []],
  ['a b c', 3, ['a b', 'c']],
  ['a long word', 3, ['a', 'long', 'word']],
  ['exactly fits', 12, ['exactly fits']],
  ['  two   spaces ', 20, ['two spaces']],
])('%j in %d characters', (text, width, lines) => {
  expect(linesWithin(text, width)).toEqual(lines);
});

test('no word is lost, and only a long word makes a long line', () => {
  fc.assert(fc.property(fc.array(fc.string({ minLength: 1 }).filter((word) => !word.includes(' '))), fc.integer({ min: 1, max: 30 }), (words, width) => {
    const lines = linesWithin(words.join(' '), width);
    expect(lines.join(' ')).toBe(words.join(' '));
    for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
  }));
});
