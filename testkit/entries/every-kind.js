'use strict';

const { responseWith, turn } = require('./turn');

/*
 * Entries of every kind, good and bad. `make` gives the entry, `parts` what is passed beside it, and `fate` how the addon
 * counts it if the queue has room.
 */

const DEEP = 100_000;
const MB = 1024 * 1024;

/** A turn with one field that is given as JSON text. */
function turnWith(field, json) {
  return withAnother(turn({ [field]: undefined }), field, json);
}

/** The JSON of an object with one more field at its end. */
function withAnother(object, field, json) {
  return `${object.slice(0, -1)},"${field}":${json}}`;
}

/** Lists (or objects) nested to that depth. */
function nested(depth, open = '[', close = ']') {
  return open.repeat(depth) + close.repeat(depth);
}

/** That many Latin letters, as one flat string. */
function letters(length) {
  return Buffer.alloc(length, 'x').toString('latin1');
}

const MB_OF_LETTERS = letters(MB);
const DEEP_LIST = nested(DEEP);
const INVALID_UTF8 = Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80]);

/** The JSON of a turn with invalid UTF-8 within a string. */
function withInvalidUtf8() {
  const [before, after] = turnWith('title', '"#"').split('#');
  return Buffer.concat([Buffer.from(before), INVALID_UTF8, Buffer.from(after)]);
}

/** Entries, and the weight with which each is drawn. */
const ENTRIES = [
  { name: 'a turn', weight: 400, fate: 'processed', make: () => turn() },
  { name: 'a turn as bytes', weight: 150, fate: 'processed', make: () => Buffer.from(turn()) },
  { name: 'a turn with its response', weight: 150, fate: 'processed', make: () => turn(), parts: () => ({ response: responseWith('Bash') }) },
  { name: 'a turn in Chinese', weight: 50, fate: 'processed', make: () => turn({ title: '漢字'.repeat(500) }) },
  { name: 'a turn with a megabyte', weight: 4, fate: 'processed', make: () => turn({ title: MB_OF_LETTERS }) },
  { name: 'a turn with a response of a megabyte', weight: 4, fate: 'processed', make: () => turn(), parts: () => ({ response: Buffer.from(MB_OF_LETTERS) }) },
  { name: 'nothing', weight: 10, fate: 'malformed', make: () => '' },
  { name: 'no bytes', weight: 10, fate: 'malformed', make: () => new Uint8Array(0) },
  { name: 'plain text', weight: 10, fate: 'malformed', make: () => 'no JSON' },
  { name: 'null', weight: 10, fate: 'malformed', make: () => 'null' },
  { name: 'a list', weight: 10, fate: 'malformed', make: () => `[${turn()}]` },
  { name: 'a JSON string', weight: 10, fate: 'malformed', make: () => JSON.stringify(turn()) },
  { name: 'two turns', weight: 10, fate: 'malformed', make: () => turn() + turn() },
  { name: 'truncated JSON', weight: 20, fate: 'malformed', make: () => turn().slice(0, -5) },
  { name: 'truncated within an escape', weight: 10, fate: 'malformed', make: () => '{"title":"\\ud8' },
  { name: 'a zero byte', weight: 10, fate: 'malformed', make: () => `${turn()}\0` },
  { name: 'random bytes', weight: 10, fate: 'malformed', make: () => INVALID_UTF8 },
  { name: 'a list of great depth', weight: 4, fate: 'malformed', make: () => DEEP_LIST },
  { name: 'objects of great depth, cut off', weight: 4, fate: 'malformed', make: () => '{"a":'.repeat(DEEP) },
  { name: 'invalid UTF-8 in a string', weight: 10, fate: 'processed', make: withInvalidUtf8 },
  { name: 'a lone surrogate', weight: 10, fate: 'processed', make: () => turn({ title: '\ud83d' }) },
  { name: 'a lone surrogate as it is', weight: 10, fate: 'processed', make: () => turnWith('title', '"\ud83d"') },
  { name: 'depth in an unknown field', weight: 4, fate: 'processed', make: () => turnWith('unknown', DEEP_LIST) },
  { name: 'depth in the usage', weight: 4, fate: 'processed', make: () => turnWith('usage', DEEP_LIST) },
  { name: 'depth in the response within', weight: 4, fate: 'processed', make: () => turnWith('res', DEEP_LIST) },
  { name: 'depth in the response beside', weight: 4, fate: 'processed', make: () => turn(), parts: () => ({ response: DEEP_LIST }) },
  { name: 'depth in the request beside', weight: 4, fate: 'processed', make: () => turn(), parts: () => ({ request: `{"messages":${DEEP_LIST}}` }) },
  // The host uses JSON.stringify, which never writes these two.
  { name: 'a number beyond all bounds', weight: 4, fate: 'processed', make: () => turnWith('usage', '{"input_tokens":1e999,"output_tokens":1}') },
  { name: 'a field that occurs twice', weight: 4, fate: 'processed', make: () => withAnother(turn(), 'status', '200') },
  { name: 'a price of a thousand digits', weight: 4, fate: 'processed', make: () => turnWith('cost', `{"cost":${'9'.repeat(1000)}}`) },
  { name: 'huge numbers', weight: 10, fate: 'processed', make: () => turn({ usage: { input_tokens: 1e300, output_tokens: 2 ** 64 }, cost: { cost: 1e300 }, elapsed: '1e300', receivedAt: 1e300, maxContext: 1e300 }) },
  { name: 'negative numbers', weight: 10, fate: 'processed', make: () => turnWith('usage', '{"input_tokens":-1,"output_tokens":-1e300}') },
  { name: 'fields of other types', weight: 10, fate: 'processed', make: () => turn({ model: 5, usage: 'x', status: [], elapsed: {}, agentKey: false }) },
  { name: 'broken parts', weight: 10, fate: 'processed', make: () => turn(), parts: () => ({ request: '{', response: '[{', headers: {} }) },
];

/** Values that are neither text nor bytes. */
const NOT_ENTRIES = [() => 5, () => null, () => undefined, () => ({}), () => [], () => Symbol('x'), () => 5n, () => () => '{}', () => new Float64Array(2)];

/** Entries and parts near the limit of 64 MiB and beyond it. Each letter of a string takes two bytes. */
const GIANTS = [
  { name: 'a turn of 30 million letters', fate: 'processed', make: () => turn({ title: letters(30_000_000) }) },
  { name: 'a string of 50 MB', fate: 'too_large', make: () => turn({ title: letters(50_000_000) }) },
  { name: '50 MB of bytes', fate: 'processed', make: () => Buffer.from(turn({ title: letters(50_000_000) })) },
  { name: '50 MB that are not JSON', fate: 'malformed', make: () => Buffer.alloc(50_000_000, 'x') },
  { name: '64 MiB and one byte', fate: 'too_large', make: () => Buffer.alloc(64 * MB + 1, 'x') },
  { name: 'a string of 70 MB', fate: 'too_large', make: () => letters(70_000_000) },
  { name: 'a response that makes it too large', fate: 'too_large', make: () => turn(), parts: () => ({ response: Buffer.alloc(64 * MB, 'x') }) },
  { name: 'parts that make it too large together', fate: 'too_large', make: () => turn(), parts: () => ({ request: Buffer.alloc(40 * MB), response: Buffer.alloc(40 * MB) }) },
  { name: 'a response beyond the limit', fate: 'too_large', make: () => turn(), parts: () => ({ response: Buffer.alloc(65 * MB) }) },
];

module.exports = { ENTRIES, NOT_ENTRIES, GIANTS };
