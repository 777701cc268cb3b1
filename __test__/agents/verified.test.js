'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { countsOf, withRow, withVerification } = require('../../testkit/agents/verified');

const ROOT = path.join(__dirname, '..', '..');
const PAGE = 'x\n\n| agent | version | date | scenarios | figures |\n|---|---|---|---|---|\n| Codex | 1.0.0 | 2026-01-01 | 3 | 90 |\n\ny\n';
const row = { label: 'Codex', version: '1.0.0', date: '2026-02-02', scenarios: '4', figures: '99' };

test('a version that is in the table gets a new row', () => {
  expect(withRow(PAGE, row)).toBe(PAGE.replace('| Codex | 1.0.0 | 2026-01-01 | 3 | 90 |', '| Codex | 1.0.0 | 2026-02-02 | 4 | 99 |'));
});

test('another version is added, the newest one of each client first', () => {
  const added = ['1.0.10', '0.9.0'].reduce((page, version) => withRow(page, { ...row, version }), withRow(PAGE, { ...row, label: 'Claude Code', version: '2.0.0' }));
  expect(added.match(/^\| C.* \|/gm).map((line) => line.split(' | ').slice(0, 2).join(' '))).toEqual(['| Claude Code 2.0.0', '| Codex 1.0.10', '| Codex 1.0.0', '| Codex 0.9.0']);
  expect(added.endsWith('\n\ny\n')).toBe(true);
});

test('a page without the table is an error', () => {
  expect(() => withRow('x', row)).toThrow('there is no table');
});

test.each(['README.md', 'docs/README.zh-TW.md'])('%s has the table', (file) => {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  expect(withRow(text, { ...row, label: 'Made up' })).toContain('| Made up | 1.0.0 | 2026-02-02 | 4 | 99 |');
});

test('the counts of a run say how many differ', () => {
  expect(countsOf([outcome(1, 1), outcome(2, 2)])).toEqual({ scenarios: '2', figures: '2' });
  expect(countsOf([outcome(1, 1), outcome(2, 1)])).toEqual({ scenarios: '1 of 2', figures: '1 of 2' });
});

test('a catalog names the run once, behind what it was compared with', () => {
  const catalog = '{\n  "last_verified_against": {"date": "2026-01-01", "on": "the docs"},\n  "patterns": []\n}\n';
  const once = withVerification(catalog, '2026-02-02', { Codex: '1.0.9' });
  expect(JSON.parse(once).last_verified_against).toEqual({ date: '2026-02-02', on: 'the docs; npm run test:agents: Codex 1.0.9' });
  const twice = withVerification(once, '2026-03-03', { 'Claude Code': '2.0.0', Codex: '1.0.10' });
  expect(JSON.parse(twice).last_verified_against).toEqual({ date: '2026-03-03', on: 'the docs; npm run test:agents: Codex 1.0.10, Claude Code 2.0.0' });
  expect(withVerification(twice, '2026-04-04', { Codex: '1.0.9' })).toBe(twice);
});

function outcome(want, got) {
  return { rows: [{ figure: 'turns', key: '', want, got }], problems: [] };
}
