'use strict';

const { issueOf } = require('../../testkit/agents/issue');
const { jsonOf, junitOf, summaryOf, tableOf, wordsOf } = require('../../testkit/agents/report');

const row = (figure, key, want, got) => ({ figure, key, want, got });
const outcome = (name, rows, more) => ({ name, client: 'claude', about: 'x', seconds: 1.5, left: [], problems: [], rows, ...more });
const equal = outcome('claude-a', [row('turns', '', 1, 1), row('modes', 'plan', 0, 0)]);
const differing = outcome('claude-b', [row('turns', '', 2, 2), row('modes', 'plan', 1, 0), row('truncated', '', 0, 1)], { drift: '## Drift' });
const broken = outcome('claude-c', [row('turns', '', 1, 1)], { problems: ['the client ended with 1: <oops> \u001B[0m'] });
const run = (outcomes, more) => ({ outcomes, versions: { 'Claude Code': '1.2.3' }, host: 'the fake host', running: [], stray: [], unseen: { 'Claude Code': [] }, date: '2026-01-02', ...more });

test('the table has a line for each scenario, and both values of what differs', () => {
  const [head, first, second] = tableOf([equal, differing]);
  expect(head).toMatch(/scenario +turns +sessions .*modes .*others +compared/);
  expect(first).toMatch(/^ok +claude-a +1 +\./);
  expect(second).toMatch(/^DIFFERS +claude-b +2 .* 0≠1 .* 1≠0 +3/);
});

test('a difference is named by its metric', () => {
  expect(wordsOf(differing)).toEqual([
    'claude-b: ccxray.permission_mode.usage_total (plan) is 0 instead of 1', 'claude-b: ccxray.invariants.sse_truncated_total is 1 instead of 0',
  ]);
});

test('the summary has the versions, and what was left', () => {
  expect(summaryOf(run([equal, differing, broken]))).toEqual([
    '1 of 3 scenarios equal, 4 of 6 figures, through the fake host.', 'Not verified: Claude Code 1.2.3.', 'No process runs any more.', 'Nothing was written outside of the scratch folders.',
  ]);
  expect(summaryOf(run([{ ...equal, left: ['sleep'] }]))).toContain('1 scenarios left a process running, which was ended.');
  expect(summaryOf(run([equal], { running: ['sleep'], stray: ['/tmp/x'] })).slice(2)).toEqual([
    'Still running at the end: sleep.', '1 file was written in the private /tmp, which is gone: /tmp/x.',
  ]);
  expect(summaryOf(run([equal], { isVerified: true }))).toContain('Verified: Claude Code 1.2.3.');
  expect(summaryOf(run([equal], { mutant: 'no-plan-mark' }))).toContain('Not verified: Claude Code 1.2.3, with the broken addon no-plan-mark.');
});

test('JUnit has a failure for each scenario that differs, in valid XML', () => {
  const xml = junitOf(run([equal, differing, broken]));
  expect(xml).toContain('tests="3" failures="2"');
  expect(xml).toContain('<testcase classname="claude" name="claude-a" time="1.50"/>');
  expect(xml).toContain('&lt;oops&gt; [0m');
  expect(xml.includes('\u001B')).toBe(false);
});

test('JSON has all figures', () => {
  expect(jsonOf(run([equal, differing]))).toMatchObject({ isEqual: false, versions: { 'Claude Code': '1.2.3' }, scenarios: [{ name: 'claude-a' }, { name: 'claude-b', figures: differing.rows }] });
});

test('an issue has the rows that differ, what is new, and the report of the tool', () => {
  const text = issueOf(run([equal, differing], { unseen: { 'Claude Code': ['headers: x-new'] } }));
  expect(text).toContain('1 of 2 scenarios differ');
  expect(text).toContain('- claude-b: ccxray.permission_mode.usage_total (plan) is 0 instead of 1');
  expect(text).toContain('- Claude Code, headers: x-new');
  expect(text).toContain('## Drift');
  expect(issueOf(run([equal]))).toBe('');
});
