'use strict';

const fc = require('fast-check');

const { table } = require('../../cli/table');
const { WIDTH, wrap } = require('../../cli/wrap');

const words = fc.array(fc.stringMatching(/^[!-~]{1,100}$/), { minLength: 1, maxLength: 30 });

test('a wrapped line keeps its words in order, and only a long word is too wide', () => {
  fc.assert(fc.property(words, fc.nat(6), (all, indent) => {
    const lines = wrap(' '.repeat(indent) + all.join(' '));
    expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(all);
    expect(lines.every((line) => line.startsWith(' '.repeat(indent)))).toBe(true);
    expect(lines.filter((line) => line.length > WIDTH && line.trim().includes(' '))).toEqual([]);
  }));
});

test('the last column of a table continues below itself', () => {
  const rows = [['a', 'short'], ['name', Array(30).fill('word').join(' ')]];
  const lines = table(rows, { isWrapped: true });
  expect(lines[0]).toBe('a     short');
  expect(lines[1]).toMatch(/^name {2}word( word)+$/);
  expect(lines[2]).toMatch(/^ {6}word( word)*$/);
  expect(lines.every((line) => line.length <= WIDTH)).toBe(true);
});
