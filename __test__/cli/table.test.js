'use strict';

const { table } = require('../../cli/table');

test('a table has columns as wide as their widest cells', () => {
  expect(table([['a', 'bbb', 'c'], ['aaa', 'b', '']])).toEqual(['a    bbb  c', 'aaa  b']);
});

test('a table aligns columns to the right', () => {
  expect(table([['a', '1', 'x'], ['b', '1000', 'y']], { align: ['left', 'right'] })).toEqual(['a     1  x', 'b  1000  y']);
});

test('a table may have rows of different length, or none', () => {
  expect(table([['a', 'b'], ['aa'], ['', 'b', 'c']])).toEqual(['a   b', 'aa', '    b  c']);
  expect(table([])).toEqual([]);
});
