'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { NEVER_SENT } = require('../../cli/preview/lines');
const { pageModule } = require('../../testkit/browser/page-modules');

const { TEXTS, translator } = pageModule('text/index.js');
const { GROUPS } = pageModule('views/index.js');
const PAGE = path.join(__dirname, '..', '..', 'demo', 'page');
const SOURCES = fs.readdirSync(PAGE, { recursive: true }).map(String).filter((name) => name.endsWith('.js') && !name.startsWith('text'));

/** English words that are names, or what Taiwan's engineers write in English, too. */
const NAMES = new Set(['ccxray', 'OTLP', 'JSON', 'CSV', 'MCP']);
/** Keys that are put together while the page runs. */
const PREFIXES = ['by.', 'card.', 'chart.', 'connection.', 'filter.', 'group.', 'health.', 'kind.', 'mark.', 'name.', 'never.', 'privacy.', 'range.', 'reason.', 'source.', 'theme.', 'tokens.', 'window.'];

test('both languages have the same keys, in the same order', () => {
  expect(Object.keys(TEXTS['zh-TW'])).toEqual(Object.keys(TEXTS.en));
});

test.each(Object.keys(TEXTS.en))('%s has the same placeholders in both languages', (key) => {
  expect(placeholders(TEXTS['zh-TW'][key])).toEqual(placeholders(TEXTS.en[key]));
});

test('the Chinese texts contain no English words', () => {
  const words = Object.entries(TEXTS['zh-TW']).flatMap(([key, text]) => (text.replaceAll(/\{\w+\}|_overflow_/g, '').match(/[A-Za-z]{2,}/g) ?? []).map((word) => [key, word]));
  expect(words.filter(([, word]) => !NAMES.has(word))).toEqual([]);
});

test('the Chinese texts have traditional characters and the words of Taiwan', () => {
  const all = Object.values(TEXTS['zh-TW']).join('');
  expect(all.match(/[这个们时会说请发输删项显开关录网络数据类试]/g) ?? []).toEqual([]);
  expect(all.match(/默認|缺省|信息|屏幕|網絡|服務器|用戶|文件夾|軟件|緩存|菜單|數據/g) ?? []).toEqual([]);
});

test('each text is used, and each used key has a text', () => {
  const code = SOURCES.map((name) => fs.readFileSync(path.join(PAGE, name), 'utf8')).join('\n');
  const used = new Set(Array.from(code.matchAll(/'([a-z][\w.]*)'/g), ([, key]) => key));
  const unused = Object.keys(TEXTS.en).filter((key) => !used.has(key) && !PREFIXES.some((prefix) => key.startsWith(prefix)));
  const missing = Array.from(code.matchAll(/\bt\('([\w.]+)'/g), ([, key]) => key).filter((key) => !Object.hasOwn(TEXTS.en, key));
  expect([unused, missing]).toEqual([[], []]);
});

test('each chart has a title and a description', () => {
  const ids = [...GROUPS.flatMap(({ charts }) => charts.map(({ id }) => id)), 'health', 'other'];
  expect(ids.filter((id) => !TEXTS.en[`chart.${id}`] || !TEXTS.en[`chart.${id}.about`])).toEqual([]);
});

test('all that is never sent has a text', () => {
  expect(NEVER_SENT.split(', ').filter((text) => TEXTS.en[`never.${text}`] !== text)).toEqual([]);
});

test('placeholders are replaced, and an unknown key is an error', () => {
  const t = translator('en');
  expect(t('rank.more', { count: 3 })).toBe('3 more in the table');
  expect(() => t('nothing')).toThrow('There is no text nothing in en.');
  expect([t.has('title'), t.has('toString')]).toEqual([true, false]);
});

function placeholders(text) {
  const found = text.match(/\{\w+\}/g) ?? [];
  found.sort();
  return found;
}
