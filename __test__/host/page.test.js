'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { editsOf } = require('../../host/apply/edit');
const { PLACES, MARK } = require('../../host/apply/places');
const { SHIM } = require('../../host/apply/shim');
const { call } = require('../../testkit/cli/call');
const { FILES } = require('../../testkit/host/mini');

/** `docs/host.md` against the code that it describes. */
const ROOT = path.join(__dirname, '../..');
const PAGE = fs.readFileSync(path.join(ROOT, 'docs/host.md'), 'utf8');

/** The cells of all rows of tables. */
const ROWS = PAGE.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.slice(2, -2).split(' | '));

test('the table of places has each file and each call', () => {
  const places = ROWS.filter(([file, , call_]) => call_ !== undefined && PLACES.some((place) => `\`${place.file}\`` === file));
  for (const file of new Set(PLACES.map((place) => place.file))) {
    const { insertions, problems } = editsOf(file, FILES[file]);
    expect(problems).toEqual([]);
    const calls = insertions.flatMap(({ text }) => Array.from(text.matchAll(/otel\.(?:turn\(ctx, indexLine|[a-z]+\([^;]*?\)(?=[;)] ))/g), ([found]) => found));
    expect(calls.length).toBeGreaterThanOrEqual(insertions.length - 1);
    const cells = places.filter(([name]) => name === `\`${file}\``).map((row) => row[2]).join('\n');
    for (const one of calls) expect(cells).toContain(one);
  }
  for (const name of PAGE.match(/`handle\w+`|`recordWebSocketEntry`|`start\w+`/g)) expect(JSON.stringify(PLACES.map(({ what }) => what))).toContain(name.replaceAll('`', ''));
  expect(PAGE).toContain(`\`${SHIM}\``);
  expect(PAGE).toContain(`\`${MARK}\``);
});

test('the options of host apply are those that there are', async () => {
  const { stdout } = await call(['host', 'apply', '--help'], { cwd: ROOT });
  const listed = ROWS.flatMap(([cell]) => /^`(--[a-z-]+)`$/.exec(cell)?.[1] ?? []);
  expect(listed).toEqual(['--dry-run', '--undo']);
  for (const option of listed) expect(stdout).toContain(`  ${option} `);
});

test('the commands are those of the host', async () => {
  let printed = '';
  const stream = { write: (text) => { printed += text; }, on() {} };
  const { command } = require('../../host/command');
  expect(await command(['otel', '--help'], { stdout: stream, stderr: stream, cwd: ROOT })).toBe(0);
  const listed = ROWS.flatMap(([cell]) => Array.from(cell.matchAll(/`ccxray ((?:otel|parser|status) [a-z-]+)/g), ([, words]) => words));
  expect(listed.length).toBeGreaterThan(5);
  for (const words of listed) expect(printed).toMatch(new RegExp(`^ {2}${words} `, 'm'));
});

test('every path of this repository that the page names is there', () => {
  const linked = Array.from(PAGE.matchAll(/\]\((?!#|https?:)([^)#]+)/g), ([, target]) => path.join(ROOT, 'docs', target));
  const named = Array.from(PAGE.matchAll(/`((?:src|host)\/[\w./-]*)`/g), ([, target]) => path.join(ROOT, target));
  expect(linked.length).toBeGreaterThan(3);
  expect(named.length).toBeGreaterThan(5);
  expect([...linked, ...named].filter((file) => !fs.existsSync(file))).toEqual([]);
});

test('README and ARCHITECTURE lead to the page', () => {
  for (const name of ['README.md', 'ARCHITECTURE.md']) expect(fs.readFileSync(path.join(ROOT, name), 'utf8')).toContain('docs/host.md');
});
