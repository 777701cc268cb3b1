'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
/** The line with which each page links to the other one. */
const SWITCH = /^(English · \[正體中文\]\(docs\/README\.zh-TW\.md\)|\[English\]\(\.\.\/README\.md\) · 正體中文)$/m;

const ENGLISH = pageOf('README.md');
const CHINESE = pageOf('docs/README.zh-TW.md');

test('both pages link to each other', () => {
  expect([ENGLISH, CHINESE].map(({ text }) => SWITCH.test(text))).toEqual([true, true]);
});

test('both have the same structure of headings', () => {
  expect(levels(CHINESE)).toEqual(levels(ENGLISH));
});

test('both have the same tables, with as many rows and columns', () => {
  expect(CHINESE.sections.map(tablesOf)).toEqual(ENGLISH.sections.map(tablesOf));
  expect(ENGLISH.sections.flatMap(tablesOf).length).toBeGreaterThan(5);
});

describe.each(ENGLISH.sections.map((section, index) => [section.heading, section, CHINESE.sections[index]]))('%s', (_, english, chinese) => {
  test('has the same code in both', () => {
    expect(blocksOf(chinese)).toEqual(blocksOf(english));
    expect(spansOf(chinese.prose)).toEqual(spansOf(english.prose));
  });

  test('has the same code in each row of its tables', () => {
    expect(rowsOf(chinese).map(spansOf)).toEqual(rowsOf(english).map(spansOf));
  });

  test('has the same figures in both', () => {
    expect(figuresOf(chinese.prose)).toEqual(figuresOf(english.prose));
    expect(rowsOf(chinese).map(figuresOf)).toEqual(rowsOf(english).map(figuresOf));
  });

  test('has the same links in both', () => {
    expect(linksOf(chinese, CHINESE)).toEqual(linksOf(english, ENGLISH));
  });

  test('has as many paragraphs and list items in both', () => {
    expect(shapeOf(chinese)).toEqual(shapeOf(english));
  });
});

test('the links of both lead to a file or a heading', () => {
  const targets = [ENGLISH, CHINESE].flatMap((page) => page.sections.flatMap((section) => linksOf(section, page)));
  const files = targets.filter((target) => !/^(https?:|heading )/.test(target)).map((target) => target.split('#')[0]);
  expect(files.filter((file) => !fs.existsSync(path.join(ROOT, file)))).toEqual([]);
  expect(targets.filter((target) => target === 'heading -1')).toEqual([]);
  expect(files.length).toBeGreaterThan(40);
});

test('the translation has no line break within a sentence, which would be shown as a space', () => {
  const prose = CHINESE.sections.map(({ prose: text }) => text).join('\n');
  expect(prose.match(/.*[\p{Script=Han}，。、；：）」]\n[ \t]*[\p{Script=Han}（「].*/gu) ?? []).toEqual([]);
});

test('the translation has traditional characters and the words of Taiwan', () => {
  expect(CHINESE.text.match(/[这个们时会说请发输删项显开关录网络数据类试]/g) ?? []).toEqual([]);
  expect(CHINESE.text.match(/默認|缺省|信息|屏幕|網絡|服務器|用戶(?!端)|文件夾|軟件|緩存|菜單|數據|命令行|令牌/g) ?? []).toEqual([]);
});

/** A page with its sections. A section is what stands between two headings. */
function pageOf(file) {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8').replaceAll('\r\n', '\n');
  const sections = [];
  let isCode = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    const [, marks, heading] = isCode ? [] : /^(#+) (.*)$/.exec(line) ?? [];
    if (heading !== undefined) sections.push({ heading, level: marks.length, lines: [] });
    else sections.at(-1).lines.push(line);
  }
  const slugs = sections.map(({ heading }) => slugOf(heading));
  return { text, slugs, folder: path.posix.dirname(file), sections: sections.map(withParts) };
}

/** Separates blocks of code, tables and everything else. */
function withParts({ heading, level, lines }) {
  const parts = { code: [], table: [], prose: [] };
  let isCode = false;
  for (const line of lines) {
    const isFence = line.startsWith('```');
    const kind = isCode || isFence ? 'code' : line.startsWith('|') ? 'table' : 'prose';
    parts[kind].push(line);
    // A table ends where something else begins.
    if (kind !== 'table' && parts.table.at(-1) !== '' && parts.table.length > 0) parts.table.push('');
    if (isFence) isCode = !isCode;
  }
  return { heading, level, code: parts.code.join('\n'), table: parts.table.join('\n').trim(), prose: parts.prose.join('\n').replace(SWITCH, '').replaceAll(/<picture>[\s\S]*?<\/picture>|<img [^>]*>/g, 'PICTURE') };
}

function levels({ sections }) {
  return sections.map(({ level }) => level);
}

/** How many rows and columns each table of a section has. */
function tablesOf({ table }) {
  const tables = table.split(/\n\n+/).filter((text) => text !== '');
  return tables.map((text) => text.split('\n').map((row) => row.replaceAll('\\|', '').split('|').length - 2));
}

function rowsOf({ table }) {
  return table.split('\n');
}

/** The blocks of code without their comments, which are translated. */
function blocksOf({ code }) {
  return code.split('\n').map((line) => line.replace(/ +(?:#|\/\/) .*$/, ''));
}

function spansOf(text) {
  return ordered(text.match(/`[^`]+`/g) ?? []).map((span) => span.replace(/^`docs\//, '`'));
}

/** The numbers outside of code and of the targets of links. */
function figuresOf(text) {
  return ordered(text.replaceAll(/`[^`]*`|\]\([^)]*\)/g, ' ').replaceAll(/^\d+\. /gm, '').match(/\d+(?:[.,]\d+)*/g) ?? []);
}

/** The targets of links, as paths from the root. A link to a heading of the page is the number of that heading. */
function linksOf({ table, prose }, { folder, slugs }) {
  const targets = Array.from(`${prose}\n${table}`.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target);
  return ordered(targets.map((target) => {
    if (/^https?:/.test(target)) return target;
    if (target.startsWith('#')) return `heading ${slugs.indexOf(target.slice(1))}`;
    return path.posix.join(folder, target);
  }));
}

/** The kinds of the paragraphs, in their order. */
function shapeOf({ prose }) {
  const starts = prose.split('\n').filter((line, index, lines) => line.trim() !== '' && (/^(?:- |\d+\. )/.test(line) || lines[index - 1]?.trim() === '' || index === 0));
  return starts.map((line) => /^(?:- |\d+\. )/.exec(line)?.[0] ?? 'paragraph');
}

/** The anchor that GitHub gives a heading. */
function slugOf(heading) {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
}

function ordered(list) {
  const copy = [...list];
  copy.sort();
  return copy;
}
