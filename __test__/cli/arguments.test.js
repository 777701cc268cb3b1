'use strict';

const { parseArguments, unknown } = require('../../cli/arguments');
const { UsageError } = require('../../cli/errors');

const OPTIONS = {
  quick: { type: 'boolean', short: 'q', text: 'quick' },
  file: { type: 'string', value: 'FILE', text: 'a file' },
  place: { type: 'string', value: 'PLACE', oneOf: ['here', 'there', 'nowhere'], kind: 'a place', text: 'a place' },
  count: { type: 'string', value: 'N', whole: [0, 20], text: 'a count' },
  seconds: { type: 'string', value: 'N', upTo: 1.5, text: 'a time' },
};

const parse = (args, more) => parseArguments(args, OPTIONS, { help: 'program --help', ...more });

describe('arguments', () => {
  test.each([
    [[], {}],
    [['--quick', '--file', 'a b'], { quick: true, file: 'a b' }],
    [['-q', '--file=a=b'], { quick: true, file: 'a=b' }],
    [['--file', 'a', '--file', 'b'], { file: 'b' }],
    [['--place', 'there', '--count', '20', '--seconds', '0.5'], { place: 'there', count: 20, seconds: 0.5 }],
    [['--count=0'], { count: 0 }],
  ])('%j are read', (args, values) => {
    expect(parse(args)).toEqual({ values, positionals: [] });
  });

  test.each([
    [['--quik'], 'Unknown option --quik. Did you mean --quick?'],
    [['--pl', 'here'], 'Unknown option --pl. Did you mean --place?'],
    [['--verbose'], 'Unknown option --verbose.'],
    [['--__proto__'], 'Unknown option --__proto__.'],
    [['-v'], 'Unknown option -v.'],
    [['--quick=yes'], '--quick takes no value.'],
    [['--file'], '--file needs a value: --file FILE.'],
    [['--file='], '--file needs a value: --file FILE.'],
    [['--file', '--quick'], '--file needs a value: --file FILE.'],
    [['--count', '--quick'], '--count needs a value: --count N.'],
    [['--place', 'x'], '--place: "x" is not a place. Use here, there or nowhere.'],
    [['--count', '21'], '--count: "21" is not a whole number from 0 to 20.'],
    [['--count', '-1'], '--count: "-1" is not a whole number from 0 to 20.'],
    [['--count', '1.5'], '--count: "1.5" is not a whole number from 0 to 20.'],
    [['--count', '1e1'], '--count: "1e1" is not a whole number from 0 to 20.'],
    [['--seconds', '0'], '--seconds: "0" is not a number above 0 and up to 1.5.'],
    [['--seconds', '2'], '--seconds: "2" is not a number above 0 and up to 1.5.'],
    [['--seconds', 'x'], '--seconds: "x" is not a number above 0 and up to 1.5.'],
    [['x'], 'Unexpected argument "x".'],
  ])('%j are refused with the help', (args, message) => {
    expect(() => parse(args)).toThrow(new UsageError(message, 'program --help'));
    expect(new UsageError(message, 'program --help')).toMatchObject({ message: `${message} See: program --help`, exitCode: 2 });
  });

  test('may have positionals, also after --', () => {
    expect(parse(['a', '--quick', '--', '--file'], { allowPositionals: true })).toEqual({ values: { quick: true }, positionals: ['a', '--file'] });
  });
});

describe('an unknown name', () => {
  const choices = ['status', 'check', 'trust', 'untrust'];

  test.each([
    ['stauts', 'status'], ['stat', 'status'], ['s', 'status'], ['chekc', 'check'], ['no-trust', 'trust'], ['untrsut', 'untrust'],
  ])('such as %s gets the suggestion %s', (word, choice) => {
    expect(unknown('command', word, choices)).toBe(`Unknown command ${word}. Did you mean ${choice}?`);
  });

  test.each(['', 'x', 'toString', 'verbose'])('such as %j gets no suggestion', (word) => {
    expect(unknown('command', word, choices)).toBe(`Unknown command ${word}.`);
  });
});
