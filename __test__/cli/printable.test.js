'use strict';

const { printable } = require('../../cli/printable');

const MARK = '\ufffd';

describe('printable text', () => {
  test.each([
    ['letters of all scripts', 'a é ß 漢字 العربية 😀'],
    ['marks and digits', '<a href="x">`1,5 %` $ {} \\ | ─ … '],
    ['a combining mark', 'e\u0301'],
    ['the mark of a replaced character', MARK],
    ['nothing', ''],
  ])('keeps %s', (_, text) => {
    expect(printable(text)).toBe(text);
  });

  test.each([
    ['a newline', '\n'],
    ['a carriage return', '\r'],
    ['a tab', '\t'],
    ['a NUL', '\u0000'],
    ['a bell', '\u0007'],
    ['an escape', '\u001b'],
    ['a delete', '\u007f'],
    ['a control sequence in one character', '\u009b'],
    ['a soft hyphen', '\u00ad'],
    ['an Arabic letter mark', '\u061c'],
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['a right-to-left mark', '\u200f'],
    ['a line separator', '\u2028'],
    ['a paragraph separator', '\u2029'],
    ['a right-to-left override', '\u202e'],
    ['a word joiner', '\u2060'],
    ['a right-to-left isolate', '\u2067'],
    ['a pop of an isolate', '\u2069'],
    ['a byte order mark', '\ufeff'],
    ['a private-use character', '\ue000'],
    ['an unassigned character', '\u0378'],
    ['a character that is not one', '\uffff'],
    ['half of a character', '\ud83d'],
    ['an invisible tag', '\u{e0041}'],
  ])('replaces %s', (_, character) => {
    expect(printable(`a${character}b${character}`)).toBe(`a${MARK}b${MARK}`);
  });
});
