'use strict';

const { tokensOf } = require('../../host/apply/tokens');

const textsOf = (source) => tokensOf(source).map(({ text }) => text);

describe('a file is split where Node splits it', () => {
  test.each([
    ['names and marks', 'a.b(c)', ['a', '.', 'b', '(', 'c', ')']],
    ['a hashbang', '#!/usr/bin/env node\na', ['a']],
    ['comments', 'a // b {\n/* c } */ d', ['a', 'd']],
    ['texts', `f('a {', "it's", 'b\\'}')`, ['f', '(', "'a {'", ',', `"it's"`, ',', "'b\\'}'", ')']],
    ['a text over two lines', '"a\\\r\nb"', ['"a\\\r\nb"']],
    ['a template', '`a ${b} }`;', ['`a ${b} }`', ';']],
    ['a template in a template', '`a${`b${c}`}{`;', ['`a${`b${c}`}{`', ';']],
    ['brackets in an expression of a template', '`${f({ a: "}" })}`;', ['`${f({ a: "}" })}`', ';']],
    ['a comment in an expression of a template', '`${a /* } */}`;', ['`${a /* } */}`', ';']],
    ['a regular expression in an expression of a template', '`${a.replace(/[}`]/g, "")}`;', ['`${a.replace(/[}`]/g, "")}`', ';']],
    ['a division in an expression of a template', '`${a / 2}${b / 3}`;', ['`${a / 2}${b / 3}`', ';']],
    ['a template with an escape', '`\\`\\${`;', ['`\\`\\${`', ';']],
    ['a regular expression', 'a = /[/"]{2}\\/{/gu;', ['a', '=', '/[/"]{2}\\/{/gu', ';']],
    ['one behind a word', 'return /"/', ['return', '/"/']],
    ['one behind a condition', 'if (a) /"/.test(b)', ['if', '(', 'a', ')', '/"/', '.', 'test', '(', 'b', ')']],
    ['one behind a block', '{}\n/"/.test(b)', ['{', '}', '/"/', '.', 'test', '(', 'b', ')']],
    ['divisions', 'a / b / (c) / d[0] / 2', ['a', '/', 'b', '/', '(', 'c', ')', '/', 'd', '[', '0', ']', '/', '2']],
    ['a division of a field with the name of a word', 'a.return / 2 / "/"', ['a', '.', 'return', '/', '2', '/', '"/"']],
    ['numbers', '1_000.5e-3 0xff .5 10n 1..a', ['1_000.5e-3', '0xff', '.5', '10n', '1.', '.', 'a']],
    ['private names and other alphabets', 'this.#größe = ł$1', ['this', '.', '#größe', '=', 'ł$1']],
    ['optional fields and arrows', 'a?.b => c', ['a', '?.', 'b', '=>', 'c']],
    ['a file with a byte order mark', '\ufeffa', ['a']],
  ])('%s', (_, source, texts) => {
    expect(textsOf(source)).toEqual(texts);
  });

  test('each bracket knows its partner and its depth', () => {
    const tokens = tokensOf('a({ b: [c] })');
    const pairs = tokens.flatMap(({ text, close, depth }) => (close === undefined ? [] : [`${text}${tokens[close].text} ${depth}`]));
    expect(pairs).toEqual(['() 0', '{} 1', '[] 2']);
    expect(tokens.filter(({ open }) => open !== undefined).every((token) => tokens[tokens[token.open].close] === token)).toBe(true);
  });
});

describe('what it cannot read, it refuses', () => {
  test.each([
    ['(', 'line 1: "(" is not closed'],
    ['a\n}', 'line 2: "}" closes nothing'],
    ['(]', 'line 1: "]" closes nothing'],
    ["'a", 'line 1: a text has no end'],
    ['`a', 'line 1: a template has no end'],
    ['`${a', 'line 1: an expression of a template has no end'],
    ['= /a', 'line 1: a regular expression has no end'],
  ])('%j', (source, message) => {
    expect(() => tokensOf(source)).toThrow(message);
  });

  test('a large file takes little time', () => {
    const source = 'const a = { b: [`${c}`, /d/, "e"] };\n'.repeat(30_000);
    const startedAt = performance.now();
    expect(tokensOf(source).length).toBe(30_000 * 15);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
